package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples, built from source a moment ago, decide as the committed ones (-Pexamples). */
@EnabledIfSystemProperty(named = "examples.directory", matches = ".+")
class RebuiltExamplesTest {

  private static final List<String> URIS =
      List.of(
          "/",
          "/admin",
          "/admin/x?y",
          "/%61dmin",
          "/a/../b",
          "/old/a%20b",
          "/?q=<script>",
          "/?id=1+union+select+x",
          "/a%00b",
          "/ż\"\\");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rust/policy.wasm",
        "go/policy.wasm",
        "c/policy.wasm",
        "assemblyscript/policy.wasm",
        "rust-policy/policy.wasm",
        "minimal-wat/minimal.wasm"
      })
  void decidesAsTheCommittedOne(String module) throws IOException {
    Path committed = Path.of("examples").resolve(module);
    Path built = Guests.example(module);
    assertNotEquals(committed, built, "it was not built");
    try (TestAgent old = agent(committed);
        TestAgent young = agent(built);
        AgentClient askOld = old.connect(Speech.V1);
        AgentClient askYoung = young.connect(Speech.V1)) {
      for (String uri : URIS) {
        assertAlike(askOld, askYoung, request(uri));
        assertAlike(askOld, askYoung, request(uri, "authorization", "Basic eA=="));
        assertAlike(askOld, askYoung, request(uri, "user-agent", "sqlmap/1.8"));
      }
      assertAlike(askOld, askYoung, response(200, "server", "x"));
      assertAlike(askOld, askYoung, response(503));
    }
  }

  private static void assertAlike(AgentClient old, AgentClient young, AgentEvent event)
      throws IOException {
    assertEquals(ask(old, event).reply(), ask(young, event).reply(), event::toString);
  }

  private static TestAgent agent(Path module) {
    return TestAgent.start(TestAgent.Options.of(Guests.compiled(module)).poolSize(1));
  }
}
