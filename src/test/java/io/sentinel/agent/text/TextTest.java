package io.sentinel.agent.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 128, 200})
  void shortPlainTextIsWrittenAsItIs(int length) {
    String text = "x~ \u007f/".repeat(40).substring(0, length);
    byte[] out = new byte[length + 2];
    assertTrue(JsonEscaper.writePlain(text, out, 1));
    assertEquals("\0" + text + "\0", new String(out, ISO_8859_1));
    assertEquals(text, new String(JsonEscaper.escaped(text), UTF_8));
  }

  @Test
  void whateverIsNotPlainIsLeftToTheEscaper() {
    byte[] out = new byte[200];
    for (String odd : List.of("\"", "\\", "\u001f", "\n", "\u0080", "é", "ŁŢŲ", "🐢", "\0")) {
      for (int before : new int[] {0, 1, 8, 100}) {
        String text = "a".repeat(before) + odd + "z";
        assertFalse(JsonEscaper.writePlain(text, out, 0), text);
      }
    }
  }

  @Test
  void aNameThatComesAgainIsOneString() {
    RecentNames names = new RecentNames();
    byte[] text = "..x-request-id..".getBytes(UTF_8);
    String first = names.name(text, 2, 14);
    assertEquals("x-request-id", first);
    assertSame(first, names.name("x-request-id".getBytes(UTF_8), 0, 12));
    text[3] = 'X'; // what was read belongs to somebody else
    assertSame(first, names.name("x-request-id".getBytes(UTF_8), 0, 12));
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // the very string is what is kept
  void numberedNamesHavePlacesOfTheirOwn() {
    RecentNames names = new RecentNames();
    List<String> first = numbered(names);
    List<String> second = numbered(names);
    long kept = IntStream.range(0, 100).filter(i -> first.get(i) == second.get(i)).count();
    assertTrue(kept >= 80, kept + " of 100 were kept");
  }

  private static List<String> numbered(RecentNames names) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "x-filler-%03d".formatted(i).getBytes(UTF_8))
        .map(utf8 -> names.name(utf8, 0, utf8.length))
        .toList();
  }

  @Test
  void namesThatMeetInOnePlaceStayApart() {
    RecentNames names = new RecentNames();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 20_000; i++) {
        String name =
            switch (i % 5) {
              case 0 -> Integer.toString(i);
              case 1 -> "x-" + i;
              case 2 -> "a-long-prefix-" + i + "-and-its-end";
              case 3 -> "ż" + i;
              default -> "over-forty-bytes-".repeat(3) + i;
            };
        byte[] utf8 = ("<" + name + ">").getBytes(UTF_8);
        assertEquals(name, names.name(utf8, 1, utf8.length - 1));
      }
    }
    assertEquals("", names.name(new byte[0], 0, 0));
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
