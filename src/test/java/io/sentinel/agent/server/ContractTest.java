package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static io.sentinel.agent.Events.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an agent does with a module's answers, over the real socket. The puppet returns as its
 * result what the test puts into a header. The same for every version, encoding and transport.
 */
@ParameterizedClass
@MethodSource("speechesAndTransports")
class ContractTest {

  @Parameter(0)
  private Speech speech;

  @Parameter(1)
  private SocketTransport transport;

  private static final Map<SocketTransport, TestAgent> AGENTS =
      new EnumMap<>(SocketTransport.class);

  private TestAgent agent;
  private AgentClient client;

  static Stream<Arguments> speechesAndTransports() {
    return Arrays.stream(Speech.values())
        .flatMap(
            speech ->
                Stream.of(SocketTransport.EPOLL, SocketTransport.NIO)
                    .map(transport -> Arguments.of(speech, transport)));
  }

  @BeforeAll
  static void start() {
    for (SocketTransport transport : List.of(SocketTransport.EPOLL, SocketTransport.NIO)) {
      AGENTS.put(
          transport,
          TestAgent.start(
              TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).transport(transport)));
    }
  }

  @AfterAll
  static void stop() {
    AGENTS.values().forEach(TestAgent::close);
  }

  @BeforeEach
  void connect() throws IOException {
    agent = AGENTS.get(transport);
    client = agent.connect(speech);
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
  }

  @Test
  void moduleIsGivenTheRequestAsTheReferenceWritesIt() throws IOException {
    AgentEvent event =
        new AgentEvent.RequestHeaders(
            "c-1",
            "POST",
            "/input",
            "[2001:db8::7]:443",
            Optional.of("route"),
            List.of(
                new io.sentinel.agent.message.Header("accept", List.of("a", "b")),
                new io.sentinel.agent.message.Header("x-none", List.of()),
                new io.sentinel.agent.message.Header("x-odd", List.of("ż\"\\\n\u0001🐢\u007f"))));
    assertEquals(
        """
        {"method":"POST","uri":"/input","client_ip":"2001:db8::7","correlation_id":"c-1",\
        "headers":{"accept":"a, b","x-none":"","x-odd":"ż\\"\\\\\\n\\u0001🐢\u007f"}}""",
        body(ask(client, event)));
  }

  @Test
  void moduleIsGivenTheResponseAsTheReferenceWritesIt() throws IOException {
    AgentEvent event =
        new AgentEvent.ResponseHeaders(
            "c-1",
            404,
            List.of(
                new io.sentinel.agent.message.Header("x-do", List.of("/input")),
                new io.sentinel.agent.message.Header("set-cookie", List.of("a=1", "b=2"))));
    assertEquals(
        """
        {"status":404,"correlation_id":"c-1","headers":{"x-do":"/input",\
        "set-cookie":"a=1, b=2"}}""",
        body(ask(client, event)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"allow", "ALLOW", "Allow"})
  void allowAllows(String word) throws IOException {
    assertEquals(AgentReply.allow(), decide("{\"decision\":\"" + word + "\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"block", "Block", "deny", "DENY"})
  void blockBlocksWith403(String word) throws IOException {
    assertEquals(
        new Decision.Block(403, Optional.empty()),
        decide("{\"decision\":\"" + word + "\"}").decision());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 304, 401, 599})
  void blockMayHaveAnyStatusAndBody(int status) throws IOException {
    assertEquals(
        new Decision.Block(status, Optional.of("no \"way\"")),
        decide("{\"decision\":\"block\",\"status\":" + status + ",\"body\":\"no \\\"way\\\"\"}")
            .decision());
  }

  @ParameterizedTest
  @CsvSource({
    "301, /new",
    "302, /",
    "303, https://example.com",
    "307, http://example.com:8080/a?b#c",
    "308, HTTPS://EXAMPLE.COM/"
  })
  void redirectIsSentAsTheProxiesTakeIt(int status, String target) throws IOException {
    AgentReply reply =
        decide(
            "{\"decision\":\"redirect\",\"status\":%d,\"body\":\"%s\"}".formatted(status, target));
    assertEquals(
        new Decision.Block(status, Optional.empty(), Map.of("Location", target)), reply.decision());
    assertEquals(List.of(new HeaderOp.Set("Location", target)), reply.responseHeaders());
  }

  @Test
  void redirectIs302WhereTheModuleSaysNothing() throws IOException {
    assertEquals(
        new Decision.Block(302, Optional.empty(), Map.of("Location", "/x")),
        decide("{\"decision\":\"redirect\",\"body\":\"/x\"}").decision());
  }

  @Test
  void headerOperationsAndTagsKeepTheModulesOrder() throws IOException {
    AgentReply reply =
        decide(
            """
            {"tags":["t1","t2"],"remove_response_headers":["server"],\
            "add_response_headers":{"x-z":"1","x-a":"2"},"remove_request_headers":["x-d","x-c"],\
            "add_request_headers":{"x-2":"~","x-1":""},"decision":"allow"}""");
    assertEquals(
        new AgentReply(
            Decision.allow(),
            List.of(
                new HeaderOp.Remove("x-d"),
                new HeaderOp.Remove("x-c"),
                new HeaderOp.Set("x-2", "~"),
                new HeaderOp.Set("x-1", "")),
            List.of(
                new HeaderOp.Remove("server"),
                new HeaderOp.Set("x-z", "1"),
                new HeaderOp.Set("x-a", "2")),
            Audit.ofTags(List.of("t1", "t2"))),
        reply);
  }

  @Test
  void fieldsMayBeNullOrUnknown() throws IOException {
    assertEquals(
        AgentReply.allow(),
        decide(
            """
            {"decision":"allow","status":null,"body":null,"add_request_headers":null,\
            "remove_request_headers":null,"add_response_headers":null,\
            "remove_response_headers":null,"tags":null,"confidence":0.5,"more":{"a":[{}]}}"""));
  }

  @Test
  void statusIsOfNoInterestToAllow() throws IOException {
    assertEquals(AgentReply.allow(), decide("{\"decision\":\"allow\",\"status\":0}"));
  }

  @Test
  void nothingToSayAllows() throws IOException {
    assertEquals(AgentReply.allow(), ask(client, request("/zero")).reply());
    assertEquals(AgentReply.allow(), ask(client, request("/raw/0/17")).reply());
    assertEquals(AgentReply.allow(), ask(client, request("/raw/17/0")).reply());
  }

  @ParameterizedTest
  @EnumSource(
      value = EventType.class,
      names = {
        "REQUEST_BODY_CHUNK",
        "RESPONSE_BODY_CHUNK",
        "REQUEST_COMPLETE",
        "WEBSOCKET_FRAME",
        "GUARDRAIL_INSPECT"
      })
  void eventsWithoutAHandlerAreAllowed(EventType type) throws IOException {
    assertEquals(AgentReply.allow(), ask(client, new AgentEvent.Unhandled(type, "c-1")).reply());
  }

  @Test
  void moduleWithoutAHandlerForAnEventAllowsIt() throws IOException {
    try (TestAgent minimal =
            TestAgent.start(
                TestAgent.Options.of(Guests.compiled(Guests.hostile("loop-in-handler"))));
        AgentClient other = minimal.connect(speech)) {
      assertEquals(List.of("good"), ask(other, request("/")).reply().audit().tags());
      assertEquals(AgentReply.allow(), ask(other, response(200)).reply());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"allow\"",
        "7",
        "{",
        "{}",
        "{\"decision\":null}",
        "{\"decision\":1}",
        "{\"decision\":\"\"}",
        "{\"decision\":\" allow\"}",
        "{\"decision\":\"maybe\"}",
        "{\"decision\":\"allow\"}x",
        "{\"decision\":\"allow\"}{}",
        "{\"decision\":\"allow\",\"decision\":\"block\"}",
        "{\"decision\":\"allow\",\"x\":{\"a\":1,\"a\":1}}",
        "{\"decision\":\"allow\",\"body\":7}",
        "{\"decision\":\"allow\",\"tags\":\"t\"}",
        "{\"decision\":\"allow\",\"tags\":[1]}",
        "{\"decision\":\"allow\",\"tags\":[null]}",
        "{\"decision\":\"allow\",\"body\":\"\\ud800\"}",
        "{\"decision\":\"allow\",\"status\":\"403\"}",
        "{\"decision\":\"allow\",\"status\":3.5}",
        "{\"decision\":\"allow\",\"status\":4e2}",
        "{\"decision\":\"allow\",\"status\":-1}",
        "{\"decision\":\"allow\",\"status\":65536}",
        "{\"decision\":\"allow\",\"status\":1e999}",
        "{\"decision\":\"block\",\"status\":0}",
        "{\"decision\":\"block\",\"status\":99}",
        "{\"decision\":\"block\",\"status\":199}",
        "{\"decision\":\"block\",\"status\":600}",
        "{\"decision\":\"block\",\"status\":1000}",
        "{\"decision\":\"redirect\"}",
        "{\"decision\":\"redirect\",\"body\":\"\"}",
        "{\"decision\":\"redirect\",\"body\":\"/x\",\"status\":304}",
        "{\"decision\":\"redirect\",\"body\":\"/x\",\"status\":200}",
        "{\"decision\":\"redirect\",\"body\":\"x\"}",
        "{\"decision\":\"redirect\",\"body\":\"//evil\"}",
        "{\"decision\":\"redirect\",\"body\":\"/\\\\evil\"}",
        "{\"decision\":\"redirect\",\"body\":\"\\\\\\\\evil\"}",
        "{\"decision\":\"redirect\",\"body\":\"javascript:alert(1)\"}",
        "{\"decision\":\"redirect\",\"body\":\"data:text/html,x\"}",
        "{\"decision\":\"redirect\",\"body\":\"http:///x\"}",
        "{\"decision\":\"redirect\",\"body\":\"https://\"}",
        "{\"decision\":\"redirect\",\"body\":\"/x\\r\\nset-cookie: a\"}",
        "{\"decision\":\"allow\",\"add_request_headers\":[]}",
        "{\"decision\":\"allow\",\"add_request_headers\":{\"a\":null}}",
        "{\"decision\":\"allow\",\"add_request_headers\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"decision\":\"allow\",\"remove_request_headers\":{}}"
      })
  void badResultIsBlocked(String result) throws IOException {
    if (result.isEmpty()) {
      result = " "; // a result of length 0 is none
    }
    assertBadResult(result(client, result));
  }

  @Test
  void resultThatIsNotUtf8IsBlocked() throws IOException {
    assertBadResult(ask(client, request("/result-hex", "x-result", "fffe")));
    // "{"decision":"allow","x":"<c0 af>"}": overlong, in a field that nobody reads
    assertBadResult(
        ask(
            client,
            request(
                "/result-hex",
                "x-result",
                "7b226465636973696f6e223a22616c6c6f77222c2278223a22c0af227d")));
  }

  @Test
  void deeplyNestedResultIsBlocked() throws IOException {
    assertBadResult(result(client, "{\"decision\":\"allow\",\"x\":" + "[".repeat(100_000) + "}"));
  }

  @ParameterizedTest
  @CsvSource({
    "4294967295, 4294967295",
    "2147483632, 2147483632",
    "1, 4294967295",
    "1, 2147483648",
    "1, 2147483647",
    "4294967295, 1",
    "1048577, 1048577"
  })
  void resultOutsideOfMemoryIsBlocked(String at, String length) throws IOException {
    assertBadResult(ask(client, request("/raw/" + at + "/" + length)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "4294967295", "2147483647", "4294967000"})
  void inputIsNotWrittenOutsideOfMemory(String at) throws IOException {
    try (TestAgent single =
            TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).poolSize(1));
        AgentClient other = single.connect(speech)) {
      ask(other, request("/next-alloc/" + at));
      assertBadResult(ask(other, request("/echo")));
      assertEquals(AgentReply.allow(), ask(other, request("/")).reply());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/trap", "/recurse", "/dealloc-trap"})
  void trapIsBlocked(String sin) throws IOException {
    assertEquals(blocked(Code.TRAP), ask(client, request(sin)).reply());
    assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
  }

  @Test
  void forbiddenHeaderOperationsAreLeftOut() throws IOException {
    AgentReply reply =
        decide(
            """
            {"decision":"allow","add_request_headers":{"Host":"evil","x-ok":"1","a b":"2",\
            ":path":"/","":"3","x-crlf":"a\\r\\nb","x-nul":"\\u0000","x-del":"\\u007f",\
            "x-tab":"a\\tb","x-obs":"caf\u00e9","x-before":" a","x-after":"a ",\
            "x-between":"a  b","x-empty":""},"remove_request_headers":["Content-Length","x-gone","a:b"],\
            "add_response_headers":{"Transfer-Encoding":"chunked"},\
            "remove_response_headers":["connection","upgrade","te","trailer"],"tags":["mine"]}""");
    assertEquals(
        new AgentReply(
            Decision.allow(),
            List.of(
                new HeaderOp.Set("x-ok", "1"),
                new HeaderOp.Set("x-between", "a  b"),
                new HeaderOp.Set("x-empty", ""),
                new HeaderOp.Remove("x-gone")),
            List.of(),
            Audit.ofTags(List.of("mine", "header-rejected"))),
        reply);
  }

  @Test
  void resultsOverTheirBoundsAreBlocked() throws IOException {
    decide(headers(100, 10));
    assertBadResult(result(client, headers(101, 10)));
    decide(headers(1, 8192));
    assertBadResult(result(client, headers(1, 8193)));
    String body = "{\"decision\":\"block\",\"body\":\"%s\"}";
    decide(body.formatted("x".repeat(65_536)));
    assertBadResult(result(client, body.formatted("x".repeat(65_537))));
    String tag = "{\"decision\":\"allow\",\"tags\":[\"%s\"]}";
    decide(tag.formatted("ż".repeat(128)));
    assertBadResult(result(client, tag.formatted("ż".repeat(129))));
    assertBadResult(
        result(client, "{\"decision\":\"allow\",\"tags\":[" + "\"t\",".repeat(64) + "\"t\"]}"));
    assertBadResult(result(client, "{\"decision\":\"allow\"}" + " ".repeat(1 << 20)));
  }

  @Test
  void failuresAreAllowedAndTaggedWhereThePolicyIsOpen() throws IOException {
    try (TestAgent open =
            TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).failingOpen());
        AgentClient other = open.connect(speech)) {
      assertEquals(
          AgentReply.of(
              Decision.allow(), new Audit(List.of("wasm-error", "fail-open"), List.of("trap"))),
          ask(other, request("/trap")).reply());
    }
  }

  @Test
  void configureChangesPoolAndPolicyOrNothing() throws IOException {
    try (TestAgent own =
            TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).poolSize(2));
        AgentClient other = own.connect(speech)) {
      assertEquals(
          AgentReply.allow(),
          configure(other, Map.of("pool-size", 5, "fail-open", true, "unknown", "x")));
      assertEquals(5, own.pool().state().slots());
      assertEquals(Decision.allow(), ask(other, request("/trap")).reply().decision());

      for (Map<String, Object> wrong :
          List.<Map<String, Object>>of(
              Map.of("pool-size", 0, "fail-open", false),
              Map.of("pool-size", 257),
              Map.of("pool-size", "4"),
              Map.of("pool-size", 1, "fail-open", "no"))) {
        Decision.Block refusal = (Decision.Block) configure(other, wrong).decision();
        assertEquals(500, refusal.status());
        assertTrue(refusal.body().orElseThrow().contains(" must be "), refusal.toString());
      }
      assertEquals(5, own.pool().state().slots());
      assertEquals(Decision.allow(), ask(other, request("/trap")).reply().decision());

      assertEquals(AgentReply.allow(), configure(other, Map.of("fail-open", false)));
      assertEquals(AgentReply.allow(), configure(other, Map.of("pool-size", 1)));
      assertEquals(1, own.pool().state().slots());
      assertEquals(blocked(Code.TRAP), ask(other, request("/trap")).reply());
    }
  }

  private static AgentReply configure(AgentClient client, Map<String, Object> config)
      throws IOException {
    return ask(client, new AgentEvent.Configure("c-1", config)).reply();
  }

  private static String headers(int count, int valueLength) {
    StringBuilder json = new StringBuilder("{\"decision\":\"allow\",\"add_request_headers\":{");
    for (int i = 0; i < count; i++) {
      json.append(i == 0 ? "" : ",");
      json.append("\"x-").append(i).append("\":\"").append("v".repeat(valueLength)).append('"');
    }
    return json.append("}}").toString();
  }

  private AgentReply decide(String result) throws IOException {
    AgentReply reply = result(client, result).reply();
    assertTrue(reply.audit().reasonCodes().isEmpty(), reply.toString());
    return reply;
  }

  private static void assertBadResult(Answer answer) {
    assertEquals(blocked(Code.BAD_RESULT), answer.reply());
  }

  private static AgentReply blocked(Code code) {
    return AgentReply.of(
        new Decision.Block(500, Optional.of("Wasm Error")),
        new Audit(List.of("wasm-error"), List.of(code.label())));
  }

  private static String body(Answer answer) {
    return ((Decision.Block) answer.reply().decision()).body().orElseThrow();
  }
}
