package io.sentinel.agent.wire.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Vectors;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class V1CodecTest {

  private static final String GOOD = new String(payload("request-headers-plain"), UTF_8);

  private final V1Codec codec = new V1Codec();

  @Test
  void richRequestHeadersAreRead() {
    AgentEvent.RequestHeaders event =
        (AgentEvent.RequestHeaders) decode(payload("request-headers-rich"));
    assertEquals("c-2", event.correlationId());
    assertEquals("POST", event.method());
    assertEquals("/cart/%E2%9C%93?q=a%20b&x=\"y\"", event.uri());
    assertEquals("2001:db8::7", event.clientIp());
    assertEquals(Optional.of("checkout"), event.routeId());
    assertEquals(
        Optional.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        event.traceparent());
    assertEquals(
        List.of(
            new Header("accept", List.of("text/html", "application/json")),
            new Header("cookie", List.of("a=1", "b=2")),
            new Header("host", List.of("shop.example.com")),
            new Header("x-empty", List.of("")),
            new Header("x-none", List.of()),
            new Header("x-quote", List.of("say \"hi\"\\ok")),
            new Header("x-unicode", List.of("żółw 🐢"))),
        event.headers());
  }

  @Test
  void responseHeadersAreRead() {
    AgentEvent.ResponseHeaders event =
        (AgentEvent.ResponseHeaders) decode(payload("response-headers"));
    assertEquals("c-5", event.correlationId());
    assertEquals(200, event.status());
    assertEquals(
        new Header("set-cookie", List.of("a=1; Path=/", "b=2; Path=/")), event.headers().getLast());
  }

  @Test
  void configurationIsRead() {
    AgentEvent.Configure event = (AgentEvent.Configure) decode(payload("configure"));
    assertEquals(Map.of("blocked", List.of("/admin"), "limit", 3), event.config());
  }

  @ParameterizedTest
  @CsvSource({
    "request-body-chunk, REQUEST_BODY_CHUNK, c-4",
    "response-body-chunk, RESPONSE_BODY_CHUNK, c-6",
    "request-complete, REQUEST_COMPLETE, c-7",
    "websocket-frame, WEBSOCKET_FRAME, c-8",
    "guardrail-inspect, GUARDRAIL_INSPECT, c-9",
    "request-headers-empty, REQUEST_HEADERS, c-3"
  })
  void otherEventsAreReadToTheirId(String vector, EventType type, String correlationId) {
    AgentEvent event = decode(payload(vector));
    assertEquals(type, event.type());
    assertEquals(correlationId, event.correlationId());
  }

  @Test
  void payloadBeforeItsTypeIsRead() {
    String reordered =
        GOOD.replace("\"version\":1,\"event_type\":\"request_headers\",", "")
            .replaceFirst("}$", ",\"event_type\":\"request_headers\",\"version\":1}");
    assertTrue(reordered.startsWith("{\"payload\""), reordered);
    assertEquals(decode(GOOD), decode(reordered));
    assertEquals(decode(GOOD), decode(reordered.replaceFirst("\\{", "{  \"x\":\"żółw\", ")));
  }

  @Test
  void unknownFieldsAreIgnored() {
    assertEquals(
        decode(GOOD),
        decode(
            GOOD.replace("\"method\"", "\"more\":{\"a\":[1,{\"b\":null}]},\"method\"")
                .replace("{\"version\"", "{\"trace\":\"x\",\"version\"")));
  }

  @Test
  void fieldsThatMayBeMissingMayBeMissing() {
    assertEquals(decode(GOOD), decode(GOOD.replace("\"route_id\":null,", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "correlation_id",
        "request_id",
        "client_ip",
        "client_port",
        "protocol",
        "timestamp",
        "metadata",
        "method",
        "uri",
        "headers",
        "payload",
        "event_type",
        "version"
      })
  void missingFieldIsRejected(String field) {
    MalformedMessageException e =
        rejected(GOOD.replace("\"" + field + "\":", "\"not_" + field + "\":"));
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"version\":1 | \"version\":0",
        "\"version\":1 | \"version\":2",
        "\"version\":1 | \"version\":\"1\"",
        "\"version\":1 | \"version\":1.0",
        "\"version\":1 | \"version\":4294967297",
        "\"request_headers\" | \"request_trailers\"",
        "\"request_headers\" | 7",
        "\"client_port\":40412 | \"client_port\":65536",
        "\"client_port\":40412 | \"client_port\":-1",
        "\"client_port\":40412 | \"client_port\":1.5",
        "\"client_port\":40412 | \"client_port\":99999999999999999999",
        "\"method\":\"GET\" | \"method\":null",
        "\"method\":\"GET\" | \"method\":[\"GET\"]",
        "\"method\":\"GET\" | \"method\":\"GET\",\"method\":\"GET\"",
        "[\"curl/8.9\"] | \"curl/8.9\"",
        "[\"curl/8.9\"] | [\"curl/8.9\",1]",
        "[\"curl/8.9\"] | [null]",
        "\"user-agent\" | \"host\"",
        "[\"curl/8.9\"] | [\"\\ud800\"]",
        "[\"curl/8.9\"] | [\"\\udc00\\ud800\"]",
        "\"timestamp\":\"2026-11-22T12:00:00Z\" | \"timestamp\":\"\\udfff\"",
        "{\"version\" | {,\"version\""
      })
  void eventWithOneThingBrokenIsRejected(String from, String to) {
    assertTrue(GOOD.contains(from), from);
    rejected(GOOD.replace(from, to));
  }

  @Test
  void escapedSurrogatePairIsRead() {
    AgentEvent.RequestHeaders event =
        (AgentEvent.RequestHeaders) decode(GOOD.replace("curl/8.9", "\\\\\\ud83d\\udc22"));
    assertEquals(List.of("\\🐢"), event.headers().getLast().values());
  }

  @Test
  void duplicateKeyInAnIgnoredObjectIsRejected() {
    rejected(GOOD.replace("\"method\"", "\"more\":{\"a\":1,\"a\":2},\"method\""));
  }

  @Test
  void somethingAfterTheEventIsRejected() {
    rejected(GOOD + "{}");
    rejected(GOOD + "x");
  }

  @Test
  void halfAnEventIsRejected() {
    for (int end = 1; end < GOOD.length(); end++) {
      rejected(GOOD.substring(0, end));
    }
  }

  @Test
  void deepNestingIsRejected() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    rejected(GOOD.replace("\"method\"", "\"more\":" + deep + ",\"method\""));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x80, 0xc0, 0xfe, 0xff})
  void eventThatIsNotUtf8IsRejected(int wrong) {
    byte[] bytes = GOOD.getBytes(UTF_8);
    int inAnIgnoredValue = GOOD.indexOf("2026-11-22");
    bytes[inAnIgnoredValue] = (byte) wrong;
    assertThrows(MalformedMessageException.class, () -> decode(bytes));
  }

  @Test
  void overlongUtf8IsRejected() {
    byte[] bytes = GOOD.getBytes(UTF_8);
    int at = GOOD.indexOf("2026-11-22");
    bytes[at] = (byte) 0xc0;
    bytes[at + 1] = (byte) 0xaf;
    assertThrows(MalformedMessageException.class, () -> decode(bytes));
  }

  @Test
  void utf16IsRejected() {
    assertThrows(
        MalformedMessageException.class,
        () -> decode(GOOD.getBytes(java.nio.charset.StandardCharsets.UTF_16LE)));
  }

  @Test
  void longValuesAreRead() {
    String value = "v".repeat(1 << 20);
    AgentEvent.RequestHeaders event =
        (AgentEvent.RequestHeaders) decode(GOOD.replace("curl/8.9", value));
    assertEquals(List.of(value), event.headers().getLast().values());
  }

  @Test
  void plainAllowIsWrittenInFull() {
    assertEquals(
        """
        {"version":1,"decision":"allow","request_headers":[],"response_headers":[],\
        "routing_metadata":{},"audit":{"tags":[],"rule_ids":[],"confidence":null,\
        "reason_codes":[],"custom":{}},"needs_more":false,"request_body_mutation":null,\
        "response_body_mutation":null,"websocket_decision":null}""",
        encode(AgentReply.allow()));
  }

  @Test
  void blockWithHeaderOpsAndTagsIsWritten() {
    String json =
        encode(
            new AgentReply(
                new Decision.Block(403, Optional.of("no\n\"way\"")),
                List.of(new HeaderOp.Set("x-a", "1"), new HeaderOp.Add("x-b", "2")),
                List.of(new HeaderOp.Remove("server")),
                new Audit(List.of("t"), List.of("trap"))));
    assertTrue(
        json.contains(
            "\"decision\":{\"block\":{\"status\":403,\"body\":\"no\\n\\\"way\\\"\",\"headers\":null}}"),
        json);
    assertTrue(
        json.contains(
            "\"request_headers\":[{\"set\":{\"name\":\"x-a\",\"value\":\"1\"}},"
                + "{\"add\":{\"name\":\"x-b\",\"value\":\"2\"}}]"),
        json);
    assertTrue(json.contains("\"response_headers\":[{\"remove\":{\"name\":\"server\"}}]"), json);
    assertTrue(json.contains("\"tags\":[\"t\"]"), json);
    assertTrue(json.contains("\"reason_codes\":[\"trap\"]"), json);
  }

  @Test
  void redirectIsWrittenAsABlockWithItsLocationInBothPlaces() {
    String json =
        encode(AgentReply.of(new Decision.Redirect(307, "https://example.com/"), Audit.NONE));
    assertTrue(
        json.contains(
            "{\"block\":{\"status\":307,\"body\":null,"
                + "\"headers\":{\"Location\":\"https://example.com/\"}}}"),
        json);
    assertTrue(
        json.contains(
            "\"response_headers\":"
                + "[{\"set\":{\"name\":\"Location\",\"value\":\"https://example.com/\"}}]"),
        json);
  }

  private AgentEvent decode(String json) {
    return decode(json.getBytes(UTF_8));
  }

  private AgentEvent decode(byte[] payload) {
    // As in real life, the frame stands somewhere in a larger array.
    byte[] around = new byte[payload.length + 11];
    Arrays.fill(around, (byte) '}');
    System.arraycopy(payload, 0, around, 5, payload.length);
    Inbound inbound = codec.decode(new FrameDecoder.Frame(around, 5, payload.length));
    return ((Inbound.Event) inbound).event();
  }

  private MalformedMessageException rejected(String json) {
    return assertThrows(MalformedMessageException.class, () -> decode(json), json);
  }

  private String encode(AgentReply reply) {
    FrameBuffer out = new FrameBuffer();
    codec.encode(reply, new AgentEvent.Unhandled(EventType.REQUEST_COMPLETE, "c-1"), out);
    byte[] frame = out.drain();
    return new String(frame, 4, frame.length - 4, UTF_8);
  }

  private static byte[] payload(String vector) {
    byte[] frame = Vectors.frame("v1", vector);
    return Arrays.copyOfRange(frame, 4, frame.length);
  }
}
