package io.sentinel.agent.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
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

  /** At every distance from the end of the eight bytes that are looked at together. */
  @Test
  void everyCharacterIsEscapedAsJsonWantsIt() {
    for (String character : characters()) {
      for (int before = 0; before < 9; before++) {
        for (int after = 0; after < 9; after++) {
          String left = "x".repeat(before);
          String right = "y".repeat(after);
          assertEquals(
              left + escape(character) + right,
              new String(JsonEscaper.escaped(left + character + right), UTF_8));
        }
      }
    }
  }

  @Test
  void neighboursAreEscapedEachByItself() {
    String all = String.join("", characters());
    String escaped = characters().stream().map(TextTest::escape).collect(joining());
    assertEquals(escaped, new String(JsonEscaper.escaped(all), UTF_8));
    assertEquals(escaped + escaped, new String(JsonEscaper.escaped(all + all), UTF_8));
  }

  private static List<String> characters() {
    return IntStream.concat(
            IntStream.rangeClosed(0, 0x17f), IntStream.of(0x800, 0x2028, 0xffff, 0x10000, 0x10ffff))
        .mapToObj(Character::toString)
        .toList();
  }

  private static String escape(String character) {
    return switch (character) {
      case "\"", "\\" -> "\\" + character;
      case "\n" -> "\\n";
      case "\r" -> "\\r";
      case "\t" -> "\\t";
      case "\b" -> "\\b";
      case "\f" -> "\\f";
      default ->
          character.charAt(0) < ' '
              ? String.format("\\u%04x", (int) character.charAt(0))
              : character;
    };
  }

  private static Optional<String> problem(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return JsonText.problem(bytes, 0, bytes.length);
  }
}
