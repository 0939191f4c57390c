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
import io.sentinel.agent.message.Header;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The small policy, which examples/README.md describes, in every language: whatever it is written
 * in, the agent answers the same. The Maven profile {@code examples} has it look at modules that
 * were just built.
 */
@ParameterizedClass
@MethodSource("languages")
class LanguagesTest {

  /** One line for each language. */
  static Stream<Path> languages() {
    return Stream.of(
            "rust/policy.wasm", // serde_json
            "go/policy.wasm", // encoding/json
            "c/policy.wasm", // cJSON
            "assemblyscript/policy.wasm", // json-as
            "javascript/policy.js",
            "lua/policy.lua")
        .map(Guests::example);
  }

  private static final AgentReply BLOCKED =
      AgentReply.of(
          new Decision.Block(403, Optional.of("Authorization required")),
          Audit.ofTags(List.of("auth-required")));

  private static final AgentReply CHECKED =
      new AgentReply(
          Decision.allow(),
          List.of(new HeaderOp.Set("x-wasm-policy", "checked")),
          List.of(),
          Audit.ofTags(List.of("checked")));

  @Parameter private Path module;

  private TestAgent agent;

  @BeforeEach
  void start() {
    agent = TestAgent.start(TestAgent.Options.of(Guests.compiled(module)).poolSize(1));
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  @ParameterizedTest
  @EnumSource(Speech.class)
  void pathAndAllBelowItNeedAuthorization(Speech speech) throws IOException {
    try (AgentClient client = agent.connect(speech)) {
      for (String uri :
          List.of("/admin", "/admin/", "/admin/users?page=2", "/admin?x", "/admin#x", "/admin/ż")) {
        assertReply(BLOCKED, client, request(uri));
        assertReply(BLOCKED, client, request(uri, "authorization", ""));
        assertReply(BLOCKED, client, request(uri, "Authorization", "names come in lower case"));
        assertReply(BLOCKED, client, request(uri, "x-authorization", "a", "authorizatio", "b"));
        assertReply(CHECKED, client, request(uri, "authorization", "Basic eA=="));
        assertReply(CHECKED, client, request(uri, "accept", "*/*", "authorization", "\"ż\\\u0001"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Speech.class)
  void otherPathsAreCheckedAlone(Speech speech) throws IOException {
    try (AgentClient client = agent.connect(speech)) {
      for (String uri :
          List.of("", "/", "/adminx", "/administrator", "/x/admin", "/?p=/admin", "/Admin", "*")) {
        assertReply(CHECKED, client, request(uri));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Speech.class)
  void whateverIsInAnEventIsRead(Speech speech) throws IOException {
    try (AgentClient client = agent.connect(speech)) {
      assertReply(CHECKED, client, request("/\"\\\b\f\n\r\t\u0001\u007f/ż🐢", "x-odd", "\"\\\n🐢"));
      assertReply(CHECKED, client, request("/" + "a".repeat(60_000)));
      assertReply(BLOCKED, client, request("/admin/" + "ż\"".repeat(10_000)));
      List<Header> many =
          new ArrayList<>(
              IntStream.range(0, 200).mapToObj(i -> new Header("x-" + i, List.of("v"))).toList());
      assertReply(BLOCKED, client, requestWith(many));
      many.add(new Header("authorization", List.of("", "")));
      assertReply(CHECKED, client, requestWith(many)); // two values are joined: ", "
    }
  }

  @ParameterizedTest
  @EnumSource(Speech.class)
  void responsesAreMarkedAndFailuresTagged(Speech speech) throws IOException {
    try (AgentClient client = agent.connect(speech)) {
      for (int status : List.of(100, 200, 404, 499)) {
        assertReply(marked(List.of()), client, response(status, "server", "x"));
      }
      for (int status : List.of(500, 503, 599)) {
        assertReply(marked(List.of("upstream-error")), client, response(status));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Speech.class)
  void memoryIsFreedAgain(Speech speech) throws IOException {
    try (AgentClient client = agent.connect(speech)) {
      String uri = "/admin/" + "a".repeat(50_000);
      for (int i = 0; i < 400; i++) { // 20 MB in all, and 16 MiB are the limit
        assertReply(BLOCKED, client, request(uri));
      }
    }
  }

  private static AgentReply marked(List<String> tags) {
    return new AgentReply(
        Decision.allow(),
        List.of(),
        List.of(new HeaderOp.Set("x-wasm-policy", "checked")),
        Audit.ofTags(tags));
  }

  private static AgentEvent requestWith(List<Header> headers) {
    return new AgentEvent.RequestHeaders(
        "c-1", "GET", "/admin", "192.0.2.7:1", Optional.empty(), headers);
  }

  private void assertReply(AgentReply expected, AgentClient client, AgentEvent event)
      throws IOException {
    assertEquals(expected, ask(client, event).reply(), () -> module + " on " + event.type());
  }
}
