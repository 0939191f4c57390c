package io.sentinel.agent.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"a\":\"żółw 🐢\"}",
        "\"\\ud83d\\udc22\"",
        "\"\\\\ud83d\"",
        "\"\\\\\\ud83d\\udc22\"",
        "\"\\u0041\\n\\\"\"",
        "\"\\u12\""
      })
  void soundTextHasNoProblem(String text) {
    // At every distance from the end of the eight bytes that are looked at together.
    for (int padding = 0; padding < 17; padding++) {
      assertEquals(Optional.empty(), problem(" ".repeat(padding) + text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\\ud83d\"",
        "\"\\udc22\"",
        "\"\\ud83d\\ud83d\\udc22\"",
        "\"\\uDBFFx\\uDC00\"",
        "\"\\\\\\udc22\""
      })
  void halfASurrogatePairIsAProblem(String text) {
    for (int padding = 0; padding < 17; padding++) {
      assertTrue(problem(" ".repeat(padding) + text).orElseThrow().contains("surrogate"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0080", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00ff", "\u00c5"})
  void whatIsNotUtf8IsAProblem(String bytes) {
    for (int padding = 0; padding < 17; padding++) {
      byte[] text = (" ".repeat(padding) + bytes).getBytes(ISO_8859_1);
      assertEquals(Optional.of("is not UTF-8"), JsonText.problem(text, 0, text.length));
    }
  }

  @Test
  void onlyTheGivenRangeIsLookedAt() {
    byte[] text = "\u00ff{}\u00ff".getBytes(ISO_8859_1);
    assertEquals(Optional.empty(), JsonText.problem(text, 1, 2));
  }

  @Test
  void plainTextIsLoggedAsItIs() {
    assertEquals("GET /a?b=ż", LogText.of("GET /a?b=ż"));
  }

  @Test
  void controlsAndEscapesAreLoggedEscaped() {
    assertEquals(
        "a\\u000aINFO forged\\u001b[31m\\u202e\\u2028",
        LogText.of("a\nINFO forged\u001b[31m\u202e\u2028"));
  }

  @Test
  void longTextIsCut() {
    String logged = LogText.of("x".repeat(1_000_000));
    assertEquals("x".repeat(200) + "… (1000000 characters)", logged);
  }

  private static Optional<String> problem(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return JsonText.problem(bytes, 0, bytes.length);
  }
}
