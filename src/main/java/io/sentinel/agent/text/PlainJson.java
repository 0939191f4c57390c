package io.sentinel.agent.text;

import java.nio.charset.StandardCharsets;

/**
 * A quick reader for the JSON that is nearly always sent. It knows only what is plain: names
 * without escapes, strings with short ones, integers without signs. Whatever is not plain, be it
 * rare or broken, ends in {@link Unusual}, and the caller reads the text once more with a general
 * parser: so nothing here has to say what is wrong. See "Why two readers of JSON?" in RATIONALE.md.
 *
 * <p>The text must have passed {@link JsonText#problem}.
 */
public final class PlainJson {

  /** There is something here that this reader leaves to another one. */
  public static final class Unusual extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private Unusual() {
      super("not plain", null, false, false);
    }
  }

  private static final int MOST_DIGITS = 18;
  private static final RecentNames NAMES = new RecentNames();

  private final byte[] bytes;
  private final int end;
  private int at;
  private int nameFrom;
  private int nameTo;

  /** Whether the object or array has just begun. */
  private boolean first;

  public PlainJson(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset + length;
  }

  /** For the caller's own doubts. */
  public static Unusual unusual() {
    return new Unusual(); // without a stack, it costs little
  }

  public void beginObject() {
    expect('{');
    first = true;
  }

  /** Goes to the next field's value; false at the object's end. */
  public boolean nextField() {
    if (!nextItem('}')) {
      return false;
    }
    expect('"');
    nameFrom = at;
    skipPlain();
    nameTo = at;
    if (take() != '"') {
      throw unusual();
    }
    expect(':');
    return true;
  }

  /** Whether the field's name is this one. */
  public boolean nameIs(byte[] name) {
    int length = name.length;
    if (nameTo - nameFrom != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[nameFrom + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** The field's name. */
  public String name() {
    return NAMES.name(bytes, nameFrom, nameTo);
  }

  public void beginArray() {
    expect('[');
    first = true;
  }

  /** Goes to the next element; false at the array's end. */
  public boolean nextElement() {
    return nextItem(']');
  }

  public String string() {
    expect('"');
    int from = at;
    skipPlain();
    return switch (take()) {
      case '"' -> new String(bytes, from, at - 1 - from, StandardCharsets.UTF_8);
      case '\\' -> escaped(from);
      default -> throw unusual();
    };
  }

  public void skipString() {
    expect('"');
    while (true) {
      skipPlain();
      switch (take()) {
        case '"' -> {
          return;
        }
        case '\\' -> unescaped(take());
        default -> throw unusual();
      }
    }
  }

  /** An integer from 0 to {@code max}. */
  public long integer(long max) {
    skipSpace();
    int from = at;
    long value = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + (bytes[at++] - '0');
    }
    int digits = at - from;
    if (digits == 0 || digits > MOST_DIGITS || (digits > 1 && bytes[from] == '0') || value > max) {
      throw unusual();
    }
    byte next = peek();
    if (next != ',' && next != '}' && next != ']') {
      throw unusual(); // a fraction, an exponent, or no number at all
    }
    return value;
  }

  public boolean bool() {
    skipSpace();
    if (skipWord("true")) {
      return true;
    }
    if (skipWord("false")) {
      return false;
    }
    throw unusual();
  }

  /** Passes over null, if that is what stands here. */
  public boolean skipNull() {
    skipSpace();
    return skipWord("null");
  }

  /** Whether the value that stands here is a string. */
  public boolean isString() {
    return peek() == '"';
  }

  /** Nothing may follow. */
  public void end() {
    skipSpace();
    if (at != end) {
      throw unusual();
    }
  }

  private boolean nextItem(char last) {
    byte b = peek();
    if (b == last) {
      at++;
      first = false;
      return false;
    }
    if (!first) {
      expect(',');
    }
    first = false;
    return true;
  }

  /** A string from its first escape on; {@code at} is behind the backslash. */
  private String escaped(int from) {
    byte[] out = new byte[endOfString(at - 1) - from];
    int length = at - 1 - from;
    System.arraycopy(bytes, from, out, 0, length);
    out[length++] = unescaped(take());
    while (true) {
      byte b = take();
      if (b == '"') {
        return new String(out, 0, length, StandardCharsets.UTF_8);
      }
      if (b == '\\') {
        b = unescaped(take());
      } else if (b >= 0 && b < 0x20) {
        throw unusual();
      }
      out[length++] = b;
    }
  }

  /** Where a string's closing quote stands, or where the text ends. */
  private int endOfString(int from) {
    int i = from;
    while (i < end && bytes[i] != '"') {
      i += bytes[i] == '\\' ? 2 : 1;
    }
    return Math.min(i, end);
  }

  private static byte unescaped(byte escape) {
    return switch (escape) {
      case '"', '\\', '/' -> escape;
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      default -> throw unusual();
    };
  }

  private boolean skipWord(String word) {
    int length = word.length();
    if (end - at < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += length;
    return true;
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw unusual();
    }
    at++;
  }

  /** Goes to the next byte that means something within a string. */
  private void skipPlain() {
    at = PlainBytes.end(bytes, at, end);
  }

  /** The byte after any space. */
  private byte peek() {
    skipSpace();
    if (at == end) {
      throw unusual();
    }
    return bytes[at];
  }

  private byte take() {
    if (at == end) {
      throw unusual();
    }
    return bytes[at++];
  }

  private void skipSpace() {
    while (at < end && isSpace(bytes[at])) {
      at++;
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
