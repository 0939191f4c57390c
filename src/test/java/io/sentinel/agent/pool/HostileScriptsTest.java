package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a script does (src/test/resources/scripts/hostile.*), it is answered in time, and the
 * next event gets the right answer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileScriptsTest {

  private static final Path FOLDER = Path.of("src/test/resources/scripts");

  /** What becomes of a sin, by how its name begins; the most particular comes first. */
  private static final List<Map.Entry<String, List<String>>> EXPECTED =
      List.of(
          Map.entry("memoryAgain", List.of("timeout")),
          Map.entry("memoryCaught", List.of("", "timeout")),
          Map.entry("memory", List.of("script-error", "timeout")),
          Map.entry("bigNumber", List.of("script-error", "timeout")),
          // Which stack ends first, the script's or the thread's, depends on what is compiled yet.
          Map.entry("recursionInSource", List.of("trap", "script-error")),
          Map.entry("endlessSource", List.of("script-error", "timeout")),
          Map.entry("endless", List.of("timeout")),
          Map.entry("regular", List.of("timeout")),
          Map.entry("pattern", List.of("timeout")),
          Map.entry("returnsUnknown", List.of("bad-result")),
          Map.entry("returnsNoUtf8", List.of("bad-result")),
          Map.entry("returnsHalfAPair", List.of("bad-result")),
          Map.entry("changes", List.of("")),
          Map.entry("writes", List.of("")),
          Map.entry("toJson", List.of("")),
          Map.entry("", List.of("script-error")));

  /** What has no end is not waited for long; what has one gets its time on a cold, busy machine. */
  private final Map<String, TestAgent> hasty = agents(Duration.ofMillis(400));

  private final Map<String, TestAgent> patient = agents(Duration.ofSeconds(20));

  private static Map<String, TestAgent> agents(Duration timeout) {
    return Map.of(
        "hostile.js", agent("hostile.js", timeout), "hostile.lua", agent("hostile.lua", timeout));
  }

  private static TestAgent agent(String script, Duration timeout) {
    TestAgent.Options options = TestAgent.Options.of(Guests.compiled(FOLDER.resolve(script)));
    return TestAgent.start(options.poolSize(1).timeout(timeout));
  }

  @AfterAll
  void stop() {
    hasty.values().forEach(TestAgent::close);
    patient.values().forEach(TestAgent::close);
  }

  static Stream<List<String>> sins() throws IOException {
    return Stream.concat(
        sins("hostile.js", "^  (\\w+)\\(\\) \\{"), sins("hostile.lua", "^function sins\\.(\\w+)"));
  }

  private static Stream<List<String>> sins(String script, String name) throws IOException {
    return Pattern.compile(name, Pattern.MULTILINE)
        .matcher(Files.readString(FOLDER.resolve(script)))
        .results()
        .map(found -> List.of(script, found.group(1)));
  }

  @ParameterizedTest
  @MethodSource("sins")
  void scriptIsKeptFromDoingHarm(List<String> sin) throws IOException {
    String name = sin.getLast();
    List<String> expected = expected(name);
    TestAgent agent = (expected.contains("timeout") ? hasty : patient).get(sin.getFirst());
    try (AgentClient client = agent.connect(Speech.V2_JSON)) {
      goodAnswer(client);
      int made = agent.instancesMade();
      AgentReply reply = ask(client, request("/" + name)).reply();
      String reason = String.join(",", reply.audit().reasonCodes());
      assertTrue(expected.contains(reason), () -> reason + " where " + expected + ": " + reply);
      if (reason.isEmpty()) {
        assertEquals(List.of("went-on"), reply.audit().tags());
      }
      assertEquals(List.of("good"), goodAnswer(client).audit().tags());
      if (!List.of("timeout", "trap").contains(reason)
          && !name.startsWith("memory")
          && !name.startsWith("big")) {
        assertEquals(made, agent.instancesMade(), "the instance is sound, and was thrown away");
      }
      // Where others take the cores a thread may be given up for a moment; none may stay away.
      eventually(() -> agent.pool().state().stuck() == 0);
    }
  }

  private static List<String> expected(String sin) {
    return EXPECTED.stream()
        .filter(entry -> sin.startsWith(entry.getKey()))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  /** The slot may be busy for a moment with coming back, and with its next instance. */
  private static AgentReply goodAnswer(AgentClient client) throws IOException {
    for (int i = 0; i < 20; i++) {
      AgentReply reply = ask(client, request("/")).reply();
      if (Collections.disjoint(reply.audit().reasonCodes(), List.of("overloaded", "timeout"))) {
        return reply;
      }
    }
    return fail("the slot did not come back");
  }
}
