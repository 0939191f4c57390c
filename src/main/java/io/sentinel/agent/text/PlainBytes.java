package io.sentinel.agent.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds the bytes that mean something within a JSON string, eight at a time. */
final class PlainBytes {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  private static final long ONES = 0x0101010101010101L;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long HIGHS = ONES << 7;
  private static final long BLANKS = ' ' * ONES;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;

  private PlainBytes() {}

  /** Where the first control character, quote or backslash stands; {@code to} if none does. */
  static int end(byte[] bytes, int from, int to) {
    int i = from;
    while (to - i >= Long.BYTES) {
      long marks = marks((long) LONG.get(bytes, i));
      if (marks != 0) {
        return i + (Long.numberOfTrailingZeros(marks) >>> 3);
      }
      i += Long.BYTES;
    }
    while (i < to && isPlain(bytes[i])) {
      i++;
    }
    return i;
  }

  /**
   * A number that tells most short texts apart, the more so the higher the bits one takes of it.
   */
  static int hash(byte[] bytes, int from, int to) {
    long hash = (long) to - from;
    if (hash >= Long.BYTES) { // the middle of a longer one does not count
      hash += (long) LONG.get(bytes, from) + 31 * (long) LONG.get(bytes, to - Long.BYTES);
    } else {
      for (int i = from; i < to; i++) {
        hash = (hash << 8) | (bytes[i] & 0xff);
      }
    }
    return (int) ((hash * GOLDEN) >>> 32);
  }

  static boolean isPlain(byte b) {
    return (b < 0 || b >= ' ') && b != '"' && b != '\\';
  }

  /**
   * The high bit of each byte that is not plain. A byte is below n if taking n from it borrows and
   * it had no high bit itself; what it borrows from the byte above may mark that one, too, so only
   * the lowest mark is sure to be right.
   */
  private static long marks(long bytes) {
    long quotes = bytes ^ QUOTES;
    long backslashes = bytes ^ BACKSLASHES;
    return (((bytes - BLANKS) & ~bytes)
            | ((quotes - ONES) & ~quotes)
            | ((backslashes - ONES) & ~backslashes))
        & HIGHS;
  }
}
