package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wire.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Peers that do not read what the agent writes. */
class UnreadTest {

  private static final int MIB = 1 << 20;
  private static final int RESPONSE_HEADERS = 0x12;
  private static final Duration PATIENCE = Duration.ofMillis(300);

  /** Their answers are more than the system and the agent keep for one that does not read. */
  private static final int PINGS = 9;

  private static final byte[] PING = Peer2.frame(Peer2.PING, "x".repeat(60_000).getBytes(US_ASCII));

  @Test
  void peerThatDoesNotReadIsGivenUpAfterAWhile() throws IOException {
    try (TestAgent agent = TestAgent.start(options().unreadTimeout(PATIENCE));
        Peer2 other = Peer2.greet(agent.socket());
        Peer2 silent = Peer2.greet(agent.socket())) {
      ping(silent);
      eventually(() -> agent.dropped(DropReason.UNREAD) == 1);
      eventually(() -> agent.connections() == 1);
      assertTrue(
          silent.raw().readToEnd().length < PINGS * PING.length); // what had been sent by then
      other.ask(request("c-1", "/echo", new String[0]));
      assertEquals("c-1", other.read().correlationId());
    }
  }

  /** In time: what was written and what was asked meanwhile is all answered. */
  @Test
  void peerThatReadsInTheEndIsServedOn() throws IOException {
    try (TestAgent agent = TestAgent.start(options());
        Peer2 slow = Peer2.greet(agent.socket())) {
      ping(slow);
      slow.ask(request("c-1", "/echo", new String[0]));
      for (int i = 0; i < PINGS; i++) {
        assertEquals(Peer2.PONG, slow.read().type());
      }
      assertEquals("c-1", slow.read().correlationId());
      assertEquals(0, agent.dropped(DropReason.UNREAD));
    }
  }

  /** A half close is no excuse, and what was asked before it is answered if it is read. */
  @Test
  void whatWasAskedBeforeAHalfCloseIsAnsweredHoweverSlowlyItIsRead() throws IOException {
    try (TestAgent agent = TestAgent.start(options());
        Peer2 slow = Peer2.greet(agent.socket())) {
      ping(slow);
      for (int i = 0; i < 3; i++) {
        slow.ask(request("c-" + i, "/echo", new String[0]));
      }
      slow.raw().endWriting();
      for (int i = 0; i < PINGS; i++) {
        assertEquals(Peer2.PONG, slow.read().type());
      }
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ids.add(slow.read().correlationId());
      }
      assertEquals(List.of("c-0", "c-1", "c-2"), ids.stream().sorted().toList());
      assertEquals(0, slow.raw().readToEnd().length);
    }
  }

  /** What is unsent is sent before the end, but not for ever. */
  @Test
  void peerThatEndsAndDoesNotReadIsGivenUpToo() throws IOException {
    try (TestAgent agent = TestAgent.start(options().unreadTimeout(PATIENCE));
        Peer2 silent = Peer2.greet(agent.socket())) {
      for (int i = 0; i < 5; i++) { // fewer than make the agent stop reading
        silent.raw().write(PING);
      }
      silent.raw().endWriting();
      eventually(() -> agent.connections() == 0);
    }
  }

  @Test
  void answersThatAreNotReadCountInTheBudget() throws IOException {
    try (TestAgent agent = TestAgent.start(options().bufferBytes(3 * MIB))) {
      List<Peer2> silent = new ArrayList<>();
      try {
        while (agent.dropped(DropReason.OVER_BUDGET) == 0) {
          assertTrue(silent.size() < 100, "100 peers hold no 3 MiB");
          Peer2 peer = Peer2.greet(agent.socket());
          silent.add(peer);
          ping(peer);
        }
        assertTrue(silent.size() > 3, silent.size() + " peers held 3 MiB");
        try (AgentClient client = agent.connect()) {
          assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
        }
      } finally {
        for (Peer2 peer : silent) {
          peer.close();
        }
      }
    }
  }

  /** A peer with large answers under way is not read from; what they come to has an end, too. */
  @Test
  void peerWhoseAnswersComeToTooMuchIsGivenUpAtOnce() throws IOException {
    try (TestAgent agent = TestAgent.start(options().poolSize(1).timeout(Duration.ofSeconds(5)));
        Peer2 peer = Peer2.greet(agent.socket())) {
      byte[] large = response("x".repeat(7 * MIB));
      byte[] larger = response("x".repeat(15 * MIB));
      peer.ask(request("/loop")); // they wait for it, and are answered one after the other
      peer.raw().write(large);
      peer.raw().write(larger);
      eventually(() -> agent.dropped(DropReason.UNREAD) == 1); // long before its patience ends
      assertTrue(peer.raw().readToEnd().length < 7 * MIB);
      try (AgentClient client = agent.connect()) {
        eventually(() -> agent.pool().state().busy() == 0);
        assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      }
    }
  }

  private static byte[] response(String id) {
    AgentEvent event = new AgentEvent.ResponseHeaders(id, 200, List.of());
    return Peer2.frame(RESPONSE_HEADERS, EventWriter.write(event));
  }

  private static void ping(Peer2 peer) throws IOException {
    for (int i = 0; i < PINGS; i++) {
      peer.raw().write(PING);
    }
  }

  private static TestAgent.Options options() {
    return TestAgent.Options.of(Guests.compiled(Guests.PUPPET));
  }
}
