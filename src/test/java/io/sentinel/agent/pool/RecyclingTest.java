package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.WasmEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Instances whose memory is nearly used up. */
class RecyclingTest {

  private static final int PAGE = 65_536;
  private static final Path LEAK = Guests.hostile("leak-64k-per-call");

  /** Of 128 pages one goes with each call: without recycling, 19 of these calls would fail. */
  @Test
  void leakCostsNoEvent() throws IOException {
    int events = 2_500;
    try (TestAgent agent = leakingWithin(128 * PAGE);
        AgentClient client = agent.connect()) {
      for (int i = 0; i < events; i++) {
        assertEquals(List.of("good"), tags(client), "event " + i);
      }
      assertEquals(0, agent.discarded(Code.TRAP));
      // It begins with one page, and with its 115th call it has 116, the first over nine tenths.
      eventually(() -> agent.instancesMade() == 1 + events / 115);
      assertEquals(events / 115, agent.instancesRecycled());
    }
  }

  /** The module's own choice: it takes what it needs in its first call, and stays there. */
  @Test
  void oneThatFindsItsSizeAtOnceIsLeftAlone() throws IOException {
    try (TestAgent agent = puppet();
        AgentClient client = agent.connect()) {
      ask(client, request("/grow/" + (pagesLeft(agent) - 8)));
      for (int i = 0; i < 300; i++) {
        ask(client, request("/echo"));
      }
      assertTrue(pagesLeft(agent) <= 8, "it did not grow");
      assertEquals(0, agent.instancesRecycled());
    }
  }

  @Test
  void hundredthCallIsTheFirstThatMayEndWithIt() throws IOException {
    for (int calls : new int[] {99, 100}) {
      try (TestAgent agent = puppet();
          AgentClient client = agent.connect()) {
        for (int i = 1; i < calls; i++) {
          ask(client, request("/echo"));
        }
        ask(client, request("/grow/" + (pagesLeft(agent) - 1)));
        boolean recycled = calls == 100;
        String count = "count:" + (recycled ? 1 : calls + 1);
        assertEquals(List.of(count), ask(client, request("/count")).reply().audit().tags());
        assertEquals(recycled ? 1 : 0, agent.instancesRecycled());
        assertEquals(recycled ? 2 : 1, agent.instancesMade());
      }
    }
  }

  /** Fewer than a hundred calls: it traps, as it did. */
  @Test
  void oneThatUsesItUpAtOnceIsNotRecycled() throws IOException {
    try (TestAgent agent = leakingWithin(64 * PAGE);
        AgentClient client = agent.connect()) {
      for (int i = 0; i < 63; i++) {
        assertEquals(List.of("good"), tags(client), "event " + i);
      }
      assertEquals(List.of("wasm-error"), tags(client));
      eventually(() -> agent.discarded(Code.TRAP) == 1); // the answer comes first
      assertEquals(0, agent.instancesRecycled());
    }
  }

  @Test
  void freshStateNeedsNoRecycling() throws IOException {
    TestAgent.Options options = TestAgent.Options.of(Guests.compiled(LEAK)).poolSize(1);
    try (TestAgent agent = TestAgent.start(options.freshState());
        AgentClient client = agent.connect()) {
      for (int i = 0; i < 500; i++) {
        assertEquals(List.of("good"), tags(client), "event " + i);
      }
      assertEquals(0, agent.instancesRecycled());
      assertEquals(1, agent.instancesMade());
    }
  }

  private static TestAgent puppet() {
    return TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).poolSize(1));
  }

  private static long pagesLeft(TestAgent agent) {
    return (GuestLimits.DEFAULT.memoryBytes() - agent.pool().memoryBytes()) / PAGE;
  }

  private static TestAgent leakingWithin(int bytes) {
    return TestAgent.start(
        TestAgent.Options.of(
                Guests.engine(GuestLimits.DEFAULT.withMemoryBytes(bytes), WasmEngine.Mode.COMPILED)
                    .load(LEAK))
            .poolSize(1));
  }

  private static List<String> tags(AgentClient client) throws IOException {
    return ask(client, request("/")).reply().audit().tags();
  }
}
