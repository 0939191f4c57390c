package io.sentinel.agent.wire.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Mutations;
import io.sentinel.agent.Vectors;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.text.PlainJson;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick reader of events says what the general one says, or leaves it to that one. */
class TwoReadersTest {

  private static final int MUTATIONS = Integer.getInteger("mutations", 20_000);

  static Stream<String> vectors() {
    return Vectors.names("v1").stream();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void bothReadTheSame(String name) {
    byte[] event = payload(name);
    assertSame(event);
    Random random = new Random(name.hashCode());
    for (int i = 0; i < MUTATIONS; i++) {
      assertSame(Mutations.of(event, random));
    }
  }

  /** "P" stands for the payload, "T" for the type and "V" for the version. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "V,T,P",
        "T,V,P",
        "T,P,V",
        "P,T,V",
        "P,V,T",
        "V,P,T",
        "V,T",
        "T,P",
        "V,P",
        "",
        "V,V,T,P",
        "V,T,T,P",
        "V,T,P,P",
        "V,T,P,V",
        "V,T,P,T",
        "V,T,P,\"x\":1",
        "\"version\":2,T,P"
      })
  void bothReadTheSameInAnyOrder(String fields) {
    String event = new String(payload("request-headers-plain"), UTF_8);
    String payload = event.substring(event.indexOf("\"payload\""), event.length() - 1);
    assertSame(
        "{%s}"
            .formatted(
                fields
                    .replace("V", "\"version\":1")
                    .replace("T", "\"event_type\":\"request_headers\"")
                    .replace("P", payload))
            .getBytes(UTF_8));
  }

  /** Else the tests above could compare the general reader with itself. */
  @Test
  void whatProxiesSendIsPlain() {
    List<String> frequent =
        List.of(
            "request-headers-plain",
            "request-headers-rich",
            "request-headers-empty",
            "response-headers",
            "request-body-chunk",
            "request-complete");
    for (String name : frequent) {
      byte[] event = payload(name);
      assertTrue(
          V1Codec.plain(new PlainJson(event, 0, event.length)) != null, () -> name + " is not");
    }
  }

  /** With few headers and with many: a name that comes twice is found, and no other is. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 23, 24, 25, 26, 100, 1_000})
  void headersMayBeMany(int count) {
    byte[] distinct = withHeaders(count, -1);
    assertTrue(V1Codec.plain(new PlainJson(distinct, 0, distinct.length)) != null);
    assertSame(distinct);
    for (int again : new int[] {0, count / 2, count - 1}) {
      byte[] doubled = withHeaders(count, again);
      assertThrows(
          MalformedMessageException.class,
          () -> new V1Codec().decode(new Frame(doubled, 0, doubled.length)));
      assertSame(doubled);
    }
  }

  /**
   * @param again which of the names comes once more at the end; -1 for none
   */
  private static byte[] withHeaders(int count, int again) {
    StringJoiner headers = new StringJoiner(",");
    for (int i = 0; i < count; i++) {
      headers.add("\"x-%d\":[\"%d\"]".formatted(i, i));
    }
    if (again >= 0) {
      headers.add("\"x-%d\":[]".formatted(again));
    }
    String event = new String(payload("request-headers-empty"), UTF_8);
    String with = event.replace("\"headers\":{}", "\"headers\":{" + headers + "}");
    assertNotEquals(event, with);
    return with.getBytes(UTF_8);
  }

  private static void assertSame(byte[] event) {
    if (JsonText.problem(event, 0, event.length).isPresent()) {
      return; // no reader gets to see it
    }
    Frame frame = new Frame(event, 0, event.length);
    Object general;
    try {
      general = V1Codec.general(frame);
    } catch (MalformedMessageException e) {
      general = e.getMessage();
    }
    Object both;
    try {
      both = ((Inbound.Event) new V1Codec().decode(frame)).event();
    } catch (MalformedMessageException e) {
      both = e.getMessage();
    }
    assertEquals(general, both, () -> new String(event, UTF_8));
  }

  private static byte[] payload(String name) {
    byte[] frame = Vectors.frame("v1", name);
    return Arrays.copyOfRange(frame, 4, frame.length);
  }
}
