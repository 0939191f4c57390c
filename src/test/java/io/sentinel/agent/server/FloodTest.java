package io.sentinel.agent.server;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.wire.EventWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Much of the same: connections, pings, events at once, streams cut everywhere. */
class FloodTest {

  private TestAgent agent;

  private void start(int poolSize) {
    agent =
        TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).poolSize(poolSize));
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void tenThousandConnectionsLeaveNoDescriptorBehind() throws IOException {
    start(2);
    connectAndClose(100); // whatever is opened once, for ever
    long before = descriptors();
    connectAndClose(10_000);
    assertTrue(descriptors() <= before + 5, before + " before, " + descriptors() + " after");
    assertEquals("c-1", answerTo("c-1"));
  }

  @Test
  void floodOfPingsIsAnsweredInItsOrderAndDisturbsNobody() throws Exception {
    start(2);
    int pings = 50_000;
    try (Peer2 flood = Peer2.greet(agent.socket())) {
      CompletableFuture<Void> pinging =
          inBackground(
              () -> {
                try {
                  for (int i = 0; i < pings; i++) {
                    flood.send(Peer2.PING, payload(i));
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      for (int i = 0; i < 100; i++) {
        assertEquals("c-" + i, answerTo("c-" + i));
      }
      assertFalse(pinging.isDone(), "everything was read from a peer that reads nothing");
      for (int i = 0; i < pings; i++) {
        Peer2.Message pong = flood.read();
        assertEquals(Peer2.PONG, pong.type());
        assertArrayEquals(payload(i).getBytes(UTF_8), pong.payload());
      }
      pinging.get();
    }
  }

  @Test
  void hundredEventsWrittenAtOnceAreAllAnswered() throws IOException {
    start(2);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      stream.write(event("c-" + i));
    }
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.raw().write(stream.toByteArray());
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        ids.add(peer.read().correlationId());
      }
      assertEquals(100, ids.size());
    }
  }

  /** A handshake and two events; one slot answers them in their order. */
  @Test
  void streamCutAtEveryByteIsAnsweredAlike() throws IOException {
    start(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(Peer2.frame(Peer2.HANDSHAKE, "{\"supported_versions\":[2]}".getBytes(UTF_8)));
    out.write(event("c-1"));
    out.write(event("c-2"));
    byte[] stream = out.toByteArray();
    byte[] whole = answers(stream, stream.length);
    assertEquals(3, RawPeer.frames(whole).size());
    for (int cut = 1; cut < stream.length; cut++) {
      assertArrayEquals(whole, answers(stream, cut), "cut at " + cut);
    }
  }

  private byte[] answers(byte[] stream, int cut) throws IOException {
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(Arrays.copyOf(stream, cut));
      peer.write(Arrays.copyOfRange(stream, cut, stream.length));
      peer.endWriting();
      return peer.readToEnd();
    }
  }

  private void connectAndClose(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      RawPeer.connect(agent.socket()).close();
    }
    eventually(() -> agent.connections() == 0);
  }

  private String answerTo(String id) throws IOException {
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.raw().write(event(id));
      Peer2.Message answer = peer.read();
      assertEquals(List.of("echo:" + id), List.of(answer.json().at("/audit/tags/0").asText()));
      return answer.correlationId();
    }
  }

  private static byte[] event(String id) {
    return Peer2.frame(
        Peer2.REQUEST_HEADERS, EventWriter.write(request(id, "/echo", new String[0])));
  }

  private static String payload(int number) {
    return "{\"sequence\":%d,\"filler\":\"%s\"}".formatted(number, "x".repeat(200));
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
