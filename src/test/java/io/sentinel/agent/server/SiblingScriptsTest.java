package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.WasmEngine;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The examples in the READMEs of the agents for JavaScript and Lua (src/test/resources/scripts/
 * siblings) run here as they are, and decide what those READMEs say.
 */
class SiblingScriptsTest {

  private static final Path FOLDER = Path.of("src/test/resources/scripts/siblings");

  @TempDir private Path folder;

  static Stream<Arguments> javascript() {
    return Stream.of(
        of("basic-example", request("/x/admin"), block(403, "Forbidden")),
        of("basic-example", request("/"), AgentReply.allow()),
        of(
            "header-manipulation",
            request("/"),
            new AgentReply(
                Decision.allow(),
                List.of(
                    new HeaderOp.Set("X-Processed-By", "js-agent"),
                    new HeaderOp.Set("X-Client-IP", "192.0.2.7"),
                    new HeaderOp.Remove("X-Debug")),
                List.of(new HeaderOp.Set("X-Frame-Options", "DENY")),
                Audit.NONE)),
        of("audit-tags", request("/", "User-Agent", "a bot"), tagged("bot-detected", "monitoring")),
        of("audit-tags", request("/", "User-Agent", "curl"), AgentReply.allow()),
        of("audit-tags", request("/"), AgentReply.allow()),
        of("console-logging", request("/"), AgentReply.allow()),
        of(
            "block-bad-user-agents",
            request("/", "User-Agent", "SQLMap/1.8"),
            block(403, null, "bot-blocked", "sqlmap")),
        of("block-bad-user-agents", request("/", "User-Agent", "curl"), AgentReply.allow()),
        of("block-bad-user-agents", request("/"), AgentReply.allow()),
        of("rate-limit-by-path", request("/api/v1/x"), tier("api")),
        of("rate-limit-by-path", request("/admin/x"), tier("admin")),
        of("rate-limit-by-path", request("/"), tier("standard")),
        of("require-authentication", request("/public/x"), AgentReply.allow()),
        of("require-authentication", request("/health"), AgentReply.allow()),
        of("require-authentication", request("/x"), block(401, "Authentication required")),
        of("require-authentication", request("/x", "Authorization", "b"), AgentReply.allow()),
        of(
            "add-security-headers",
            response(200),
            new AgentReply(
                Decision.allow(),
                List.of(),
                List.of(
                    new HeaderOp.Set("X-Content-Type-Options", "nosniff"),
                    new HeaderOp.Set("X-Frame-Options", "DENY"),
                    new HeaderOp.Set("X-XSS-Protection", "1; mode=block"),
                    new HeaderOp.Set("Strict-Transport-Security", "max-age=31536000")),
                Audit.NONE)));
  }

  @ParameterizedTest
  @MethodSource("javascript")
  void exampleInJavaScriptDecidesAsItsReadmeSays(String name, AgentEvent event, AgentReply expected)
      throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(FOLDER.resolve(name + ".js"))).poolSize(1);
    assertDecides(expected, options, event);
  }

  /** They are shown without the function around them. */
  @Test
  void returnValuesOfJavaScriptMeanWhatTheReadmeSays() throws IOException {
    List<AgentReply> expected =
        List.of(
            AgentReply.allow(),
            block(403, "Access Denied"),
            new AgentReply(
                new Decision.Block(
                    302, Optional.empty(), Map.of("Location", "https://example.com/login")),
                List.of(),
                List.of(new HeaderOp.Set("Location", "https://example.com/login")),
                Audit.NONE));
    List<String> values =
        Pattern.compile("^return .*$", Pattern.MULTILINE)
            .matcher(Files.readString(FOLDER.resolve("return-values.js")))
            .results()
            .map(found -> found.group())
            .toList();
    assertEquals(expected.size(), values.size());
    for (int i = 0; i < values.size(); i++) {
      String source = "function on_request_headers(request) { %s }".formatted(values.get(i));
      assertDecides(
          expected.get(i), TestAgent.Options.of(script("p.js", source)).poolSize(1), request("/"));
    }
  }

  @Test
  void consoleOfJavaScriptWritesToTheLog() throws IOException {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    GuestOutput output =
        new GuestOutput() {
          @Override
          public void line(Optional<AgentEvent> event, String line) {
            lines.add(line);
          }

          @Override
          public void lost(Optional<AgentEvent> event, long bytes) {}
        };
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(FOLDER.resolve("console-logging.js")))
            .poolSize(1)
            .output(output);
    assertDecides(AgentReply.allow(), options, request("/x"));
    List<String> once =
        List.of("Processing request: /x", "warning: Warning message", "error: Error message");
    assertEquals(once, lines.subList(0, 3)); // the other three are those of the second request
    assertEquals(once, lines.subList(3, lines.size()));
  }

  static Stream<Arguments> lua() {
    List<HeaderOp> marked = List.of(new HeaderOp.Set("X-Processed-By", "my-script"));
    AgentReply blocked =
        new AgentReply(new Decision.Block(403, Optional.empty()), marked, List.of(), Audit.NONE);
    AgentReply allowed = new AgentReply(Decision.allow(), marked, List.of(), Audit.NONE);
    return Stream.of(
        of("script-structure", request("/api/x"), blocked),
        of("script-structure", request("/api/x", "Authorization", "b"), allowed),
        of("script-structure", request("/api/x", "authorization", "b"), allowed));
  }

  @ParameterizedTest
  @MethodSource("lua")
  void exampleInLuaDecidesAsItsReadmeSays(String name, AgentEvent event, AgentReply expected)
      throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(FOLDER.resolve(name + ".lua"))).poolSize(1);
    assertDecides(expected, options, event);
  }

  private static void assertDecides(
      AgentReply expected, TestAgent.Options options, AgentEvent event) throws IOException {
    try (TestAgent agent = TestAgent.start(options);
        AgentClient v1 = agent.connect(Speech.V1);
        AgentClient v2 = agent.connect(Speech.V2_MESSAGE_PACK)) {
      assertEquals(expected, ask(v1, event).reply());
      assertEquals(expected, ask(v2, event).reply());
    }
  }

  private CompiledModule script(String name, String source) throws IOException {
    Path file = Files.writeString(folder.resolve(name), source);
    return Guests.engine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED).load(file);
  }

  private static Arguments of(String name, AgentEvent event, AgentReply expected) {
    return Arguments.of(name, event, expected);
  }

  private static AgentReply block(int status, String body, String... tags) {
    return AgentReply.of(
        new Decision.Block(status, Optional.ofNullable(body)), Audit.ofTags(List.of(tags)));
  }

  private static AgentReply tagged(String... tags) {
    return AgentReply.of(Decision.allow(), Audit.ofTags(List.of(tags)));
  }

  private static AgentReply tier(String tier) {
    return new AgentReply(
        Decision.allow(),
        List.of(new HeaderOp.Set("X-Rate-Limit-Tier", tier)),
        List.of(),
        Audit.NONE);
  }
}
