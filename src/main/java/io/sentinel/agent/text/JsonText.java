package io.sentinel.agent.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a JSON text must be and its parser does not look at: UTF-8 throughout, also in values that
 * are skipped, and no escaped half of a surrogate pair, which no UTF-8 could carry on.
 */
public final class JsonText {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder())
          .withInvokeExactBehavior();
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

  /** The length of {@code \}{@code u1234}. */
  private static final int ESCAPE_BYTES = 6;

  private JsonText() {}

  /** Says what is wrong with the text, if anything is. */
  public static Optional<String> problem(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int i = offset;
    while (i <= end - Long.BYTES && isPlain((long) LONGS.get(bytes, i))) {
      i += Long.BYTES;
    }
    if (i > end - Long.BYTES) {
      while (i < end && bytes[i] >= 0 && bytes[i] != '\\') {
        i++;
      }
    }
    if (i == end) {
      return Optional.empty();
    }
    if (!isUtf8(bytes, i, end)) {
      return Optional.of("is not UTF-8");
    }
    return hasLoneSurrogate(bytes, i, end)
        ? Optional.of("escapes half a surrogate pair")
        : Optional.empty();
  }

  /** Whether none of the eight bytes is a backslash or beyond ASCII. */
  private static boolean isPlain(long eight) {
    long zeroAtBackslash = eight ^ BACKSLASHES;
    long backslash = (zeroAtBackslash - LOW_BITS) & ~zeroAtBackslash;
    return ((eight | backslash) & HIGH_BITS) == 0;
  }

  private static boolean isUtf8(byte[] bytes, int from, int end) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, end - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean hasLoneSurrogate(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end) {
      if (bytes[i] != '\\') {
        i++;
        continue;
      }
      int unit = escaped(bytes, i, end);
      if (unit < 0) {
        i += 2; // an escape of one character, or what the parser will refuse
      } else if (Character.isHighSurrogate((char) unit)) {
        int next = escaped(bytes, i + ESCAPE_BYTES, end);
        if (next < 0 || !Character.isLowSurrogate((char) next)) {
          return true;
        }
        i += 2 * ESCAPE_BYTES;
      } else if (Character.isLowSurrogate((char) unit)) {
        return true;
      } else {
        i += ESCAPE_BYTES;
      }
    }
    return false;
  }

  /** The UTF-16 unit that is escaped here, or -1 if none is. */
  private static int escaped(byte[] bytes, int at, int end) {
    if (at + ESCAPE_BYTES > end || bytes[at] != '\\' || bytes[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + ESCAPE_BYTES; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
