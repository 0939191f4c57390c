package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.ProxyCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of the packaged agent: starts, serves, is terminated or killed, starts again. */
class LifeIT {

  /** A few at each build; -Dterminations=100 for a real trial. */
  private static final int TERMINATIONS = Integer.getInteger("terminations", 3);

  @TempDir private Path directory;

  @Test
  void servesTheExampleAndStopsInOrder() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(
            directory, socket, "--module", Guests.RUST_POLICY.toString(), "--timeout", "2s")) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        Answer answer = ask(client, request("/admin"));
        Decision.Block block = (Decision.Block) answer.reply().decision();
        assertEquals(403, block.status());
      }
      agent.terminate();
      Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode(), ended.output());
      assertFalse(Files.exists(socket));
      assertFalse(ended.output().contains("ERROR"), ended.output());
    }
  }

  @Test
  void killedAgentsSocketIsReplacedByTheNext() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(
            directory, socket, "--module", Guests.MINIMAL.toString(), "--timeout", "2s")) {
      agent.kill();
    }
    assertTrue(Files.exists(socket));
    try (AgentProcess next =
            AgentProcess.serving(
                directory, socket, "--module", Guests.MINIMAL.toString(), "--timeout", "2s");
        AgentClient client = AgentProcess.connect(socket)) {
      assertTrue(next.output().contains("an agent that is gone"), next.output());
      assertEquals(Decision.allow(), ask(client, request("/")).reply().decision());
    }
  }

  /**
   * The proxy keeps its connection: it would take a late answer for the answer to its next event.
   */
  @Test
  void answerThatIsLateBecauseTheProcessWasStoppedIsNotWritten() throws Exception {
    Path socket = directory.resolve("a.sock");
    int port = AdminHttp.freePort();
    try (AgentProcess agent =
            AgentProcess.serving(
                directory,
                socket,
                "--module",
                Guests.PUPPET.toString(),
                "--timeout",
                "1s",
                "--admin-port",
                Integer.toString(port));
        RawPeer peer = RawPeer.connect(socket)) {
      // The first look takes a cold process longer than the call does.
      eventually(() -> AdminHttp.get(port, "/q/metrics").contains("sentinel_slots_ready 4.0"));
      peer.write(event("/loop"));
      eventually(() -> AdminHttp.get(port, "/q/metrics").contains("sentinel_slots_busy 1.0"));
      agent.pause();
      Thread.sleep(1_500); // the deadline, and the 50 ms after it, must pass meanwhile
      agent.resume();
      assertEquals(0, peer.readToEnd().length);
      eventually(() -> serves(socket)); // what comes at once may be as old as the stop
      // The slot stood still as well: it had its 250 ms after the stop.
      assertFalse(agent.output().contains("did not come back"), agent.output());
    }
  }

  /** It has waited in the system for longer than its proxy has; the agent sees it only now. */
  @Test
  void answerToAnEventThatCameWhileTheProcessWasStoppedIsNotWritten() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
            AgentProcess.serving(
                directory, socket, "--module", Guests.PUPPET.toString(), "--timeout", "200ms");
        RawPeer known = RawPeer.connect(socket)) {
      known.write(event("/echo"));
      assertTrue(known.readFrame().length > 0);
      agent.pause();
      known.write(event("/echo"));
      try (RawPeer waiting = RawPeer.connect(socket)) {
        waiting.write(event("/echo"));
        Thread.sleep(500); // their time must pass meanwhile
        agent.resume();
        assertEquals(0, known.readToEnd().length);
        assertEquals(0, waiting.readToEnd().length);
      }
      eventually(() -> serves(socket));
    }
  }

  private static boolean serves(Path socket) {
    try (AgentClient client = AgentProcess.connect(socket)) {
      return Decision.allow().equals(ask(client, request("/")).reply().decision());
    } catch (IOException e) {
      return false;
    }
  }

  @Timeout(value = 1, unit = TimeUnit.HOURS) // with many rounds
  @Test
  void terminationUnderLoadLosesNoEvent() throws Exception {
    for (int round = 0; round < TERMINATIONS; round++) {
      Path socket = directory.resolve("a.sock");
      try (AgentProcess agent =
          AgentProcess.serving(
              directory, socket, "--module", Guests.PUPPET.toString(), "--timeout", "2s")) {
        AtomicLong signalled = new AtomicLong(Long.MAX_VALUE);
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Void>> peers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          peers.add(inBackground(() -> askUntilTheEnd(socket, signalled, answered)));
        }
        eventually(() -> answered.get() > 2_000);
        signalled.set(System.nanoTime());
        agent.terminate();
        for (CompletableFuture<Void> peer : peers) {
          peer.get(20, TimeUnit.SECONDS);
        }
        Ended ended = agent.awaitEnd();
        assertEquals(0, ended.exitCode(), ended.output());
        assertFalse(Files.exists(socket));
      }
    }
  }

  /** Fails if an event that was written before the signal had no answer. */
  private static void askUntilTheEnd(Path socket, AtomicLong signalled, AtomicInteger answered) {
    long written = 0;
    try (RawPeer peer = RawPeer.connect(socket)) {
      while (true) {
        peer.write(event("/spin/1000"));
        written = System.nanoTime();
        peer.readFrame();
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      if (written != 0 && written - signalled.get() < 0) {
        throw new AssertionError("an event was lost that had been written before the signal", e);
      }
    }
  }

  private static byte[] event(String uri) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec.of(ProxyCodec.Speech.V1)
        .encode(EventType.REQUEST_HEADERS, EventWriter.write(request(uri)), out);
    return out.drain();
  }

  @Test
  void sendAsksARunningAgent() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(
            directory, socket, "--module", Guests.RUST_POLICY.toString(), "--timeout", "2s")) {
      assertTrue(agent.pid() > 0);
      Ended blocked = send(socket, "--uri", "/admin");
      assertEquals(0, blocked.exitCode());
      assertTrue(blocked.output().startsWith("block 403"), blocked.output());
    }
    Ended nobody = send(socket);
    assertEquals(1, nobody.exitCode());
    assertTrue(nobody.output().contains("no answer from"), nobody.output());
  }

  private Ended send(Path socket, String... args) throws Exception {
    String[] all = new String[args.length + 3];
    all[0] = "send";
    all[1] = "--socket";
    all[2] = socket.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    return AgentProcess.run(directory, Map.of(), all);
  }
}
