package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The agent's end, as its peers see it. */
class StoppingTest {

  private static final int IN_FLIGHT = 32;

  /** A peer of version 2 under load always has something under way: it is ended all the same. */
  @Test
  void whatIsTakenUpIsAnsweredWhilePeersGoOnAsking() throws Exception {
    stopUnderLoad(1);
  }

  /**
   * Slots that a proxy has asked for are made on the listener's event loop, and are not its own.
   */
  @Test
  void slotsThatWereAddedServeUntilTheListenerHasEnded() throws Exception {
    stopUnderLoad(3);
  }

  private static void stopUnderLoad(int poolSize) throws Exception {
    try (TestAgent agent =
            TestAgent.start(
                TestAgent.Options.of(Guests.compiled(Guests.PUPPET))
                    .poolSize(1)
                    .timeout(Duration.ofMillis(500)));
        Peer2 peer = Peer2.greet(agent.socket())) {
      try (AgentClient client = agent.connect()) {
        ask(client, new AgentEvent.Configure("c", Map.of("pool-size", poolSize)));
      }
      eventually(() -> agent.pool().state().ready() == poolSize);
      Semaphore room = new Semaphore(IN_FLIGHT);
      CompletableFuture<Void> asking = inBackground(() -> askUntilTheEnd(peer, room));
      CompletableFuture<Void> reading = inBackground(() -> readUntilTheEnd(peer, room));
      eventually(() -> agent.framesReceived() > 1_000);
      inBackground(agent::stopListening).get(10, TimeUnit.SECONDS);
      reading.get(10, TimeUnit.SECONDS);
      room.release(IN_FLIGHT); // it sees the end as well
      asking.get(10, TimeUnit.SECONDS);
      // To the handshake and to every event; and that the agent is draining.
      assertEquals(agent.framesReceived() + 1, agent.framesSent());
      assertEquals(0, agent.connections());
    }
  }

  private static void askUntilTheEnd(Peer2 peer, Semaphore room) {
    try {
      while (true) {
        room.acquireUninterruptibly();
        peer.ask(request("/spin/10000"));
      }
    } catch (IOException e) {
      // the agent has closed the connection
    }
  }

  private static void readUntilTheEnd(Peer2 peer, Semaphore room) {
    try {
      while (true) {
        peer.read();
        room.release();
      }
    } catch (IOException e) {
      // the agent has closed the connection
    }
  }
}
