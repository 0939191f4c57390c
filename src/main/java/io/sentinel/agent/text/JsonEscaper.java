package io.sentinel.agent.text;

import java.nio.charset.StandardCharsets;

/** The inside of JSON strings, in UTF-8. */
public final class JsonEscaper {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int UNICODE_ESCAPE = 6;

  /** Up to here, to look at each character is quicker than to have the JDK make UTF-8 of them. */
  public static final int SHORT = 128;

  private JsonEscaper() {}

  /**
   * Writes a text that is {@link #SHORT}, needs no escape and is ASCII, as nearly all are and do.
   *
   * @param out has room for as many bytes as the text has characters
   * @return whether it did; if not, what stands in {@code out} from {@code at} on is undefined
   */
  public static boolean writePlain(String text, byte[] out, int at) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x80 || c == '"' || c == '\\') {
        return false;
      }
      out[at + i] = (byte) c;
    }
    return true;
  }

  /** The text as it stands between a string's quotes. It holds no half of a surrogate pair. */
  public static byte[] escaped(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int plain = PlainBytes.end(utf8, 0, utf8.length);
    return plain == utf8.length ? utf8 : escaped(utf8, plain);
  }

  private static byte[] escaped(byte[] utf8, int plain) {
    int length = plain;
    for (int i = plain; i < utf8.length; i++) {
      length += width(utf8[i]);
    }
    byte[] out = new byte[length];
    System.arraycopy(utf8, 0, out, 0, plain);
    int at = plain;
    for (int i = plain; i < utf8.length; i++) {
      byte b = utf8[i];
      switch (width(b)) {
        case 1 -> out[at++] = b;
        case 2 -> {
          out[at++] = '\\';
          out[at++] = shortEscape(b);
        }
        default -> {
          out[at++] = '\\';
          out[at++] = 'u';
          out[at++] = '0';
          out[at++] = '0';
          out[at++] = HEX[b >> 4];
          out[at++] = HEX[b & 0xf];
        }
      }
    }
    return out;
  }

  /** How many bytes a byte takes. */
  private static int width(byte b) {
    if (PlainBytes.isPlain(b)) {
      return 1;
    }
    return shortEscape(b) == 0 ? UNICODE_ESCAPE : 2;
  }

  /** What stands behind the backslash; 0 where a byte has no such escape. */
  private static byte shortEscape(byte b) {
    return switch (b) {
      case '"', '\\' -> b;
      case '\n' -> 'n';
      case '\r' -> 'r';
      case '\t' -> 't';
      case '\b' -> 'b';
      case '\f' -> 'f';
      default -> 0;
    };
  }
}
