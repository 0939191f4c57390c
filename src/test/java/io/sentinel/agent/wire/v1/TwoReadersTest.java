package io.sentinel.agent.wire.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /** Else the test above could compare the general reader with itself. */
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
    assertEquals(general, both, () -> new String(event, java.nio.charset.StandardCharsets.UTF_8));
  }

  private static byte[] payload(String name) {
    byte[] frame = Vectors.frame("v1", name);
    return Arrays.copyOfRange(frame, 4, frame.length);
  }
}
