package io.sentinel.agent.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Mutations;
import io.sentinel.agent.text.JsonText;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick reader of results says what the general one says, or leaves it to that one. */
class TwoResultReadersTest {

  private static final int MUTATIONS = Integer.getInteger("mutations", 20_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"decision\":\"allow\"}",
        "{\"decision\":\"block\",\"status\":403,\"body\":\"no \\\"way\\\"\",\"tags\":[\"a\",\"b\"]}",
        "{\"decision\":\"allow\",\"status\":null,\"body\":null,\"add_request_headers\":{\"x-a\":\"1\","
            + "\"x-b\":\"é\"},\"remove_request_headers\":[\"x-c\",\"host\"],"
            + "\"add_response_headers\":{\"x-d\":\"\\t\"},\"remove_response_headers\":[],\"tags\":null}",
        "{ \"decision\" : \"REDIRECT\" , \"body\" : \"https://example.com/\" , \"status\" : 308 }",
      })
  void bothReadTheSame(String result) {
    byte[] text = result.getBytes(UTF_8);
    assertSame(text);
    Random random = new Random(result.hashCode());
    for (int i = 0; i < MUTATIONS; i++) {
      assertSame(Mutations.of(text, random));
    }
  }

  private static void assertSame(byte[] text) {
    if (JsonText.problem(text, 0, text.length).isPresent()) {
      return; // no reader gets to see it
    }
    Object general;
    try {
      general = GuestResult.general(text, 0, text.length, GuestLimits.DEFAULT);
    } catch (GuestException e) {
      general = e.code();
    }
    Object both;
    try {
      both = GuestResult.read(text, 0, text.length, GuestLimits.DEFAULT);
    } catch (GuestException e) {
      both = e.code();
    }
    assertEquals(general, both, () -> new String(text, UTF_8));
  }
}
