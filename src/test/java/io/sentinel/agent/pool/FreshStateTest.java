package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.WasmEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a module finds of what it left behind, on one slot. */
class FreshStateTest {

  private static final int EVENTS = 20;

  @ParameterizedTest
  @EnumSource
  void everyEventFindsTheModuleAsItWasAfterItsStart(WasmEngine.Mode mode) throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(
            Guests.engine(GuestLimits.DEFAULT, mode).load(Guests.CHANGES_EVERYTHING));
    try (TestAgent agent = TestAgent.start(options.poolSize(1).freshState());
        AgentClient client = agent.connect()) {
      for (int i = 0; i < EVENTS; i++) {
        assertEquals(List.of("fresh"), tags(client, "/"));
      }
      assertEquals(1, agent.instancesMade());
    }
  }

  /** So it was not fresh by chance: the module can tell. */
  @Test
  void withoutItTheModuleFindsWhatItChanged() throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.CHANGES_EVERYTHING)).poolSize(1);
    try (TestAgent agent = TestAgent.start(options);
        AgentClient client = agent.connect()) {
      assertEquals(List.of("fresh"), tags(client, "/"));
      // It has dropped its segments: using them once more traps, and the next instance is a new
      // one.
      assertEquals(List.of("wasm-error"), tags(client, "/"));
      assertEquals(List.of("fresh"), tags(client, "/"));
    }
  }

  @Test
  void memoryGivenBackCanBeTakenAgainForEver() throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(
                Guests.engine(
                        GuestLimits.DEFAULT.withMemoryBytes(8 * 65_536), WasmEngine.Mode.COMPILED)
                    .load(Guests.CHANGES_EVERYTHING))
            .poolSize(1)
            .freshState();
    try (TestAgent agent = TestAgent.start(options);
        AgentClient client = agent.connect()) {
      for (int i = 0; i < EVENTS; i++) {
        assertEquals(List.of("fresh"), tags(client, "/"));
      }
    }
  }

  @Test
  void realModuleForgetsFromEventToEvent() throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).poolSize(1).freshState();
    try (TestAgent agent = TestAgent.start(options);
        AgentClient client = agent.connect()) {
      for (int i = 0; i < EVENTS; i++) {
        assertEquals(List.of("count:1"), tags(client, "/count"));
      }
      assertEquals(List.of("wasm-error"), tags(client, "/trap"));
      assertEquals(List.of("count:1"), tags(client, "/count"));
      assertEquals(List.of("count:1"), tags(client, "/count"));
    }
  }

  /** Globals, what hangs on the engine's own objects, and what a failed call has left. */
  @ParameterizedTest
  @ValueSource(strings = {"counts.js", "counts.lua"})
  void scriptForgetsFromEventToEvent(String script) throws IOException {
    CompiledModule counts = Guests.compiled(Path.of("src/test/resources/scripts").resolve(script));
    TestAgent.Options options = TestAgent.Options.of(counts).poolSize(1);
    try (TestAgent agent = TestAgent.start(options.freshState());
        AgentClient client = agent.connect()) {
      for (int i = 0; i < EVENTS; i++) {
        assertEquals(List.of("1", "1"), tags(client, "/"));
      }
      assertEquals(List.of("wasm-error"), tags(client, "/throw"));
      assertEquals(List.of("1", "1"), tags(client, "/"));
      assertEquals(1, agent.instancesMade());
    }
    try (TestAgent agent = TestAgent.start(options);
        AgentClient client = agent.connect()) {
      assertEquals(List.of("1", "1"), tags(client, "/"));
      assertEquals(List.of("wasm-error"), tags(client, "/throw"));
      assertEquals(List.of("3", "3"), tags(client, "/"));
    }
  }

  private static List<String> tags(AgentClient client, String uri) throws IOException {
    return ask(client, request(uri)).reply().audit().tags();
  }
}
