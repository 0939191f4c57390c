package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Events;
import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.Decision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged agent with a heap that is too small for what it is asked. */
class ScarceMemoryIT {

  private static final int ID_BYTES = 15 << 20;
  private static final int ROUNDS = 5;

  @TempDir private Path directory;

  /** Four events of 15 MiB at once, whose ids their answers echo, in a heap of 64 MiB. */
  @Test
  void agentThatRanOutOfMemoryServesOn() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket)) {
      List<CompletableFuture<Void>> peers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        peers.add(inBackground(() -> askForMuch(socket)));
      }
      for (CompletableFuture<Void> peer : peers) {
        peer.get(2, TimeUnit.MINUTES);
      }
      eventually(() -> serves(socket));
      for (int i = 0; i < 100; i++) {
        assertEquals(true, serves(socket), "event " + i);
      }
      assertFalse(agent.output().contains("did not come back"), agent.output());
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
    }
  }

  private AgentProcess serving(Path socket) throws IOException {
    AgentProcess agent =
        AgentProcess.start(
            directory,
            Map.of("JAVA_OPTS", "-Xmx64m"),
            "--socket",
            socket.toString(),
            "--admin-port",
            "0",
            "--module",
            Guests.hostile("leak-64k-per-call").toString(),
            "--pool-size",
            "4",
            "--timeout",
            "2s",
            "--fresh-state");
    agent.awaitOutput("Serving");
    return agent;
  }

  /** Each event has an answer, or its connection ends. */
  private static void askForMuch(Path socket) {
    byte[] event =
        """
        {"metadata":{"correlation_id":"%s","request_id":"r",\
        "client_ip":"192.0.2.7","client_port":1,"protocol":"h2","timestamp":"t"},\
        "method":"GET","uri":"/","headers":{}}"""
            .formatted("i".repeat(ID_BYTES))
            .getBytes(StandardCharsets.US_ASCII);
    for (int round = 0; round < ROUNDS; round++) {
      try (RawPeer peer = RawPeer.connect(socket)) {
        peer.write(frame(0x01, "{\"supported_versions\":[2]}".getBytes(StandardCharsets.US_ASCII)));
        peer.readFrame();
        peer.write(frame(0x10, event));
        peer.endWriting();
        peer.readToEnd();
      } catch (IOException e) {
        // the connection was given up
      }
    }
  }

  private static byte[] frame(int type, byte[] payload) {
    return ByteBuffer.allocate(5 + payload.length)
        .putInt(1 + payload.length)
        .put((byte) type)
        .put(payload)
        .array();
  }

  private static boolean serves(Path socket) {
    try (AgentClient client = AgentProcess.connect(socket)) {
      return Decision.allow().equals(Events.ask(client, Events.request("/")).reply().decision());
    } catch (IOException e) {
      throw new UncheckedIOException("no answer, and the memory is free again", e);
    }
  }
}
