package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.HeaderOp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Many events over many connections at once: every answer is the right one. */
class HammerTest {

  private static final int EVENTS = 100_000;
  private static final int CONNECTIONS = 16;

  @Test
  void hammerWithGoodEvents() {
    try (TestAgent agent = start()) {
      hammer(agent, _ -> "/echo", (_, reply, id) -> assertEchoed(id, reply));
      assertEquals(4, agent.instancesMade());
    }
  }

  @Test
  void hammerWithEveryTenthCallTrapping() {
    try (TestAgent agent = start()) {
      hammer(
          agent,
          i -> "/trap-1-in/10/" + i,
          (i, reply, id) -> {
            if (i % 10 == 0) {
              assertEquals(List.of("trap"), reply.audit().reasonCodes());
            } else {
              assertEchoed(id, reply);
            }
          });
      eventually(() -> agent.discarded(Code.TRAP) == EVENTS / 10); // the answer comes first
      assertEquals(0, agent.discarded(Code.TIMEOUT));
    }
  }

  private interface Check {
    void accept(int number, AgentReply reply, String id);
  }

  private static TestAgent start() {
    return TestAgent.start(
        TestAgent.Options.of(Guests.compiled(Guests.PUPPET))
            .poolSize(4)
            .timeout(Duration.ofSeconds(20)));
  }

  private static void hammer(
      TestAgent agent, java.util.function.IntFunction<String> uri, Check check) {
    List<CompletableFuture<Void>> peers = new ArrayList<>();
    for (int peer = 0; peer < CONNECTIONS; peer++) {
      int first = peer;
      BiConsumer<AgentClient, Integer> one =
          (client, i) -> {
            String id = "c-" + i;
            try {
              check.accept(i, ask(client, request(id, uri.apply(i), new String[0])).reply(), id);
            } catch (IOException e) {
              throw new AssertionError("event " + i + " was lost", e);
            }
          };
      CompletableFuture<Void> done = new CompletableFuture<>();
      peers.add(done);
      Thread.ofPlatform()
          .start(
              () -> {
                try (AgentClient client = agent.connect()) {
                  for (int i = first; i < EVENTS; i += CONNECTIONS) {
                    one.accept(client, i);
                  }
                  done.complete(null);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              });
    }
    CompletableFuture.allOf(peers.toArray(CompletableFuture[]::new)).join();
  }

  private static void assertEchoed(String id, AgentReply reply) {
    assertEquals(List.of("echo:" + id), reply.audit().tags());
    assertEquals(
        new HeaderOp.Set("x-correlation-id", id),
        reply.requestHeaders().stream()
            .filter(op -> op.name().equals("x-correlation-id"))
            .findFirst()
            .orElseThrow());
  }
}
