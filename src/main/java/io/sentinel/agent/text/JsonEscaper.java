package io.sentinel.agent.text;

import java.nio.charset.StandardCharsets;

/** Writes the inside of JSON strings, in UTF-8. */
public final class JsonEscaper {

  /** The most that one UTF-16 unit can need. */
  public static final int MOST_BYTES_PER_CHAR = 6;

  /** So many characters are written at once where room is made for what is written alone. */
  private static final int PIECE = 4096;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private JsonEscaper() {}

  /** The end of a part that begins there, is of bounded length and parts no pair of surrogates. */
  public static int pieceEnd(String text, int from) {
    int to = Math.min(text.length(), from + PIECE);
    return to < text.length() && Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
  }

  /**
   * Writes a part of a text; must not part a pair of surrogates.
   *
   * @param out with room for {@link #MOST_BYTES_PER_CHAR} times the part's length
   * @return where in {@code out} it ended
   */
  public static int write(String text, int from, int to, byte[] out, int at) {
    int end = at;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        out[end++] = (byte) c;
      } else if (c < 0x80) {
        end = escape(out, end, c);
      } else if (c < 0x800) {
        out[end++] = (byte) (0xc0 | c >> 6);
        out[end++] = continuation(c);
      } else if (Character.isSurrogate(c)) {
        // Always a pair: texts with half of one are refused where they come in.
        int codePoint = text.codePointAt(i++);
        out[end++] = (byte) (0xf0 | codePoint >> 18);
        out[end++] = continuation(codePoint >> 12);
        out[end++] = continuation(codePoint >> 6);
        out[end++] = continuation(codePoint);
      } else {
        out[end++] = (byte) (0xe0 | c >> 12);
        out[end++] = continuation(c >> 6);
        out[end++] = continuation(c);
      }
    }
    return end;
  }

  /** A byte of a UTF-8 sequence after its first: the six lowest bits. */
  private static byte continuation(int bits) {
    return (byte) (0x80 | (bits & 0x3f));
  }

  private static int escape(byte[] out, int from, char c) {
    int at = from;
    if (c == 0x7f) {
      out[at++] = (byte) c; // needs no escape
      return at;
    }
    out[at++] = '\\';
    switch (c) {
      case '"', '\\' -> out[at++] = (byte) c;
      case '\n' -> out[at++] = 'n';
      case '\r' -> out[at++] = 'r';
      case '\t' -> out[at++] = 't';
      case '\b' -> out[at++] = 'b';
      case '\f' -> out[at++] = 'f';
      default -> {
        out[at++] = 'u';
        out[at++] = '0';
        out[at++] = '0';
        out[at++] = HEX[c >> 4];
        out[at++] = HEX[c & 0xf];
      }
    }
    return at;
  }
}
