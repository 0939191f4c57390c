package io.sentinel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Small changes to texts, as JSON's readers could be led astray by them. */
public final class Mutations {

  private static final List<String> PIECES =
      List.of(
          "\"",
          "\\",
          "\\\"",
          "\\u0041",
          "\\ud800",
          "\\n",
          "\\x",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "\n",
          "\t",
          "null",
          "true",
          "0",
          "1",
          "-1",
          "1.0",
          "1e1",
          "01",
          "99999999999999999999",
          "\"a\":1,",
          "\"a\":\"b\",",
          "\"version\":1,",
          "\"headers\":{},",
          "\"tags\":[],",
          "\"correlation_id\":\"x\",",
          "\u0000",
          "\u007f",
          "é",
          "😀",
          ",,",
          "//",
          "'");

  private Mutations() {}

  /** The text with one to three changes. */
  public static byte[] of(byte[] text, RandomGenerator random) {
    byte[] out = text;
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      out = one(out, random);
    }
    return out;
  }

  private static byte[] one(byte[] text, RandomGenerator random) {
    int at = random.nextInt(text.length + 1);
    int length = random.nextInt(Math.min(12, text.length - at) + 1);
    return switch (random.nextInt(5)) {
      case 0 -> replace(text, at, 0, PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8));
      case 1 -> replace(text, at, length, new byte[0]);
      case 2 -> replace(text, at, 0, Arrays.copyOfRange(text, at, at + length)); // doubled
      case 3 ->
          replace(text, at, length, PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8));
      default -> replace(text, at, Math.min(1, length), new byte[] {(byte) random.nextInt(256)});
    };
  }

  private static byte[] replace(byte[] text, int at, int length, byte[] by) {
    byte[] out = new byte[text.length - length + by.length];
    System.arraycopy(text, 0, out, 0, at);
    System.arraycopy(by, 0, out, at, by.length);
    System.arraycopy(text, at + length, out, at + by.length, text.length - at - length);
    return out;
  }
}
