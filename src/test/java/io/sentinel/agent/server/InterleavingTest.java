package io.sentinel.agent.server;

import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the order of events, cancels and pings over several connections: each event that was not
 * cancelled is answered exactly once, each cancelled one at most once, each ping exactly once.
 */
class InterleavingTest {

  private static final int CONNECTIONS = 4;
  private static final int STEPS = 1_500;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyIdIsAnsweredOnce(long seed) {
    try (TestAgent agent =
        TestAgent.start(
            TestAgent.Options.of(Guests.compiled(Guests.PUPPET))
                .poolSize(3)
                .queueCapacity(4_096)
                .timeout(Duration.ofSeconds(20)))) {
      List<CompletableFuture<Void>> peers = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        Random random = new Random(seed * 1_000 + i);
        peers.add(inBackground(() -> converse(agent, random)));
      }
      peers.forEach(CompletableFuture::join);
      assertEquals(0, agent.pool().state().waiting());
    }
  }

  private static void converse(TestAgent agent, Random random) {
    Set<String> asked = new HashSet<>();
    Set<String> cancelled = new HashSet<>();
    int pings = 0;
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      CompletableFuture<Map<String, Integer>> answers = inBackground(() -> readUntilTheLast(peer));
      for (int step = 0; step < STEPS; step++) {
        String id = "c-" + step;
        switch (random.nextInt(8)) {
          case 0 -> peer.send(Peer2.PING, "{\"sequence\":" + pings++ + "}");
          case 1 -> {
            String victim = "c-" + Math.max(0, step - random.nextInt(20));
            cancelled.add(victim);
            peer.cancel(victim);
          }
          case 2 -> {
            asked.add(id);
            peer.ask(request(id, "/trap", new String[0]));
          }
          case 3 -> {
            asked.add(id);
            peer.ask(request(id, "/spin/" + random.nextInt(200_000), new String[0]));
          }
          default -> {
            asked.add(id);
            peer.ask(request(id, "/echo", new String[0]));
          }
        }
      }
      peer.raw().endWriting();
      Map<String, Integer> counts = answers.join();
      for (String id : asked) {
        int count = counts.getOrDefault(id, 0);
        if (cancelled.contains(id)) {
          assertTrue(count <= 1, id + " was cancelled, and answered " + count + " times");
        } else {
          assertEquals(1, count, id);
        }
      }
      assertEquals(pings, counts.getOrDefault("ping", 0));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The agent closes when the last event of a peer that has ended writing is answered. */
  private static Map<String, Integer> readUntilTheLast(Peer2 peer) {
    Map<String, Integer> counts = new HashMap<>();
    for (byte[] frame : io.sentinel.agent.RawPeer.frames(peer.raw().readToEnd())) {
      Peer2.Message message =
          new Peer2.Message(frame[0], java.util.Arrays.copyOfRange(frame, 1, frame.length));
      String key = message.type() == Peer2.PONG ? "ping" : message.correlationId();
      assertTrue(
          message.type() == Peer2.PONG || message.type() == Peer2.AGENT_RESPONSE,
          () -> new String(frame, UTF_8));
      counts.merge(key, 1, Integer::sum);
    }
    return counts;
  }
}
