package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.Vectors;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What peers can make the agent keep, and for how long. */
class IntakeTest {

  private static final Duration FRAME_TIMEOUT = Duration.ofMillis(300);
  private static final int MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({"v1, request-headers-plain", "v2-json, handshake-request"})
  void frameThatHasBegunMustEndInTime(String folder, String name) throws IOException {
    byte[] frame = Vectors.frame(folder, name);
    try (TestAgent agent = TestAgent.start(options().frameTimeout(FRAME_TIMEOUT))) {
      for (int length : new int[] {1, 3, 4, 5, frame.length - 1}) {
        try (RawPeer peer = RawPeer.connect(agent.socket())) {
          peer.write(Arrays.copyOf(frame, length));
          assertEquals(0, peer.readToEnd().length); // ends when the agent closes
        }
      }
      assertEquals(5, agent.dropped(DropReason.SLOW));
      assertServes(agent);
    }
  }

  @Test
  void timeBeginsAnewWithEachFrameAndNotBeforeTheFirstByte() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-plain");
    try (TestAgent agent = TestAgent.start(options().frameTimeout(FRAME_TIMEOUT));
        RawPeer silent = RawPeer.connect(agent.socket());
        RawPeer slow = RawPeer.connect(agent.socket());
        RawPeer steady = RawPeer.connect(agent.socket())) {
      // The slow peer's end shows that the time is over; the steady one has gone on meanwhile.
      slow.write(Arrays.copyOf(frame, 10));
      while (agent.dropped(DropReason.SLOW) == 0) {
        steady.write(Arrays.copyOf(frame, 100));
        steady.write(Arrays.copyOfRange(frame, 100, frame.length));
        assertTrue(steady.readFrame().length > 0);
      }
      silent.write(frame);
      assertTrue(silent.readFrame().length > 0);
      assertEquals(1, agent.dropped(DropReason.SLOW));
    }
  }

  /** A peer that waits for its answer is not slow, whatever it has sent of its next event. */
  @Test
  void frameThatIsNotReadYetHasTime() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-plain");
    try (TestAgent agent =
            TestAgent.start(
                options()
                    .poolSize(1)
                    .timeout(FRAME_TIMEOUT.multipliedBy(4))
                    .frameTimeout(FRAME_TIMEOUT));
        RawPeer peer = RawPeer.connect(agent.socket());
        RawPeer slow = RawPeer.connect(agent.socket())) {
      peer.write(version1(request("/loop")));
      peer.write(Arrays.copyOf(frame, 50));
      slow.write(Arrays.copyOf(frame, 50));
      assertEquals(0, slow.readToEnd().length);
      assertTrue(peer.readFrame().length > 0); // at its deadline, long after the slow peer's end
      peer.write(Arrays.copyOfRange(frame, 50, frame.length));
      assertTrue(peer.readFrame().length > 0);
    }
  }

  @Test
  void peerThatEndsWithinAFrameIsCounted() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-plain");
    try (TestAgent agent = TestAgent.start(options())) {
      for (int length : new int[] {1, 3, 4, 100}) {
        try (RawPeer peer = RawPeer.connect(agent.socket())) {
          peer.write(Arrays.copyOf(frame, length));
        }
      }
      eventually(() -> agent.dropped(DropReason.TRUNCATED) == 4);
      try (RawPeer peer = RawPeer.connect(agent.socket())) {
        peer.write(frame);
        assertTrue(peer.readFrame().length > 0);
      }
      eventually(() -> agent.connections() == 0);
      assertEquals(4, agent.dropped(DropReason.TRUNCATED));
    }
  }

  @Test
  void largestHolderIsClosedWhenTheBudgetIsGone() throws IOException {
    try (TestAgent agent = TestAgent.start(options().bufferBytes(3 * MIB));
        RawPeer small = RawPeer.connect(agent.socket());
        RawPeer large = RawPeer.connect(agent.socket());
        RawPeer last = RawPeer.connect(agent.socket())) {
      byte[] frame = Vectors.frame("v1", "request-headers-plain");
      small.write(Arrays.copyOf(frame, 100));
      large.write(begun(8 * MIB, 2 * MIB));
      last.write(begun(8 * MIB, 3 * MIB / 2));
      assertEquals(0, large.readToEnd().length);
      assertEquals(1, agent.dropped(DropReason.OVER_BUDGET));
      small.write(Arrays.copyOfRange(frame, 100, frame.length));
      assertTrue(small.readFrame().length > 0);
    }
  }

  /** Many who announce much and send little cost little. */
  @Test
  void announcedBytesAreNotHeld() throws IOException {
    try (TestAgent agent = TestAgent.start(options().bufferBytes(MIB))) {
      List<RawPeer> peers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        RawPeer peer = RawPeer.connect(agent.socket());
        peer.write(begun(10 * MIB, 1_000));
        peers.add(peer);
      }
      assertServes(agent);
      assertEquals(0, agent.dropped(DropReason.OVER_BUDGET));
      for (RawPeer peer : peers) {
        peer.close();
      }
      eventually(() -> agent.connections() == 0);
    }
  }

  /** Large events of one peer are taken up one after the other, and all are answered. */
  @Test
  void eventsUnderWayAreHeldWithinTheBudget() throws IOException {
    try (TestAgent agent = TestAgent.start(options());
        Peer2 peer = Peer2.greet(agent.socket())) {
      int events = 30;
      CompletableFuture<Void> sending =
          inBackground(
              () -> {
                try {
                  for (int i = 0; i < events; i++) {
                    peer.ask(request("/", "x-large", "x".repeat(3 * MIB)));
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      for (int i = 0; i < events; i++) {
        assertEquals("", peer.read(Peer2.AGENT_RESPONSE).reason());
      }
      sending.join();
      assertEquals(0, agent.dropped(DropReason.OVER_BUDGET));
    }
  }

  /** Who is given up for what his events hold does not have them decided all the same. */
  @Test
  void eventsOfAConnectionThatWasGivenUpAreCancelled() throws IOException {
    try (TestAgent agent =
            TestAgent.start(
                options().poolSize(1).timeout(Duration.ofHours(1)).bufferBytes(3 * MIB));
        Peer2 other = Peer2.greet(agent.socket());
        Peer2 greedy = Peer2.greet(agent.socket())) {
      other.ask(request("loop", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      for (int i = 0; i < 5; i++) {
        greedy.ask(request("/", "x-large", "x".repeat(MIB / 2)));
      }
      eventually(() -> agent.pool().waiting() == 5);
      try {
        greedy.raw().write(Peer2.frame(Peer2.REQUEST_HEADERS, new byte[MIB]));
      } catch (IOException e) {
        // it is closed before the end
      }
      assertEquals(0, greedy.raw().readToEnd().length);
      assertEquals(1, agent.dropped(DropReason.OVER_BUDGET));
      eventually(() -> agent.pool().waiting() == 0);
      eventually(() -> agent.cancelledEvents() == 5);
      other.cancel("loop"); // it goes on: nobody else was disturbed
      eventually(() -> agent.cancelledEvents() == 6);
    }
  }

  @Test
  void runningCallOfAConnectionThatWasGivenUpIsStopped() throws IOException {
    try (TestAgent agent =
            TestAgent.start(options().poolSize(2).timeout(Duration.ofHours(1)).bufferBytes(MIB));
        Peer2 malformed = Peer2.greet(agent.socket());
        RawPeer large = RawPeer.connect(agent.socket());
        RawPeer another = RawPeer.connect(agent.socket())) {
      malformed.ask(request("/loop"));
      large.write(version1(request("/loop", "x-large", "x".repeat(8 * MIB / 10))));
      eventually(() -> agent.pool().state().busy() == 2);
      malformed.send(0x7f, "no message of the protocol");
      assertEquals(0, malformed.raw().readToEnd().length);
      eventually(() -> agent.pool().state().busy() == 1);
      another.write(begun(8 * MIB, 3 * MIB / 10)); // together they hold too much
      assertEquals(0, large.readToEnd().length);
      eventually(() -> agent.pool().state().busy() == 0);
      eventually(() -> agent.cancelledEvents() == 2);
      assertServes(agent);
    }
  }

  /** A byte now and then is not progress: the time is the whole frame's. */
  @Test
  void frameThatTricklesMustEndInTime() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-plain");
    try (TestAgent agent = TestAgent.start(options().frameTimeout(FRAME_TIMEOUT));
        RawPeer peer = RawPeer.connect(agent.socket())) {
      int written = 0;
      while (agent.dropped(DropReason.SLOW) == 0) {
        assertTrue(written < frame.length, "the frame is over");
        try {
          peer.write(new byte[] {frame[written]});
        } catch (IOException e) {
          break; // the agent was quicker
        }
        written++;
        LockSupport.parkNanos(FRAME_TIMEOUT.toNanos() / 50);
      }
      assertEquals(0, peer.readToEnd().length);
      assertEquals(1, agent.dropped(DropReason.SLOW));
    }
  }

  private static byte[] version1(AgentEvent event) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec.of(Speech.V1).encode(event.type(), EventWriter.write(event), out);
    return out.drain();
  }

  private static byte[] begun(int announced, int sent) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + sent);
    bytes.putInt(announced).put((byte) '{');
    return bytes.array();
  }

  private static void assertServes(TestAgent agent) throws IOException {
    try (AgentClient client = agent.connect()) {
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
    }
  }

  private static TestAgent.Options options() {
    return TestAgent.Options.of(Guests.compiled(Guests.PUPPET));
  }
}
