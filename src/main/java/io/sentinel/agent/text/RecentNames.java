package io.sentinel.agent.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The short names that were read lately. Header names are nearly always the same few, and making
 * each of them anew is much of what an event leaves to the garbage collector. A name takes the
 * place of the one before it whose hash led there: whoever sends ever new names wins nothing but
 * that others are made anew.
 *
 * <p>Threads share it without a lock: an entry is immutable, and whichever of two was put last is
 * as good as the other.
 */
final class RecentNames {

  /** Some hundred names, a few of which meet in one place: at most about 100 KB are kept. */
  private static final int PLACE_BITS = 9;

  /** Hardly any header's name is longer. */
  private static final int MOST_BYTES = 40;

  @SuppressWarnings("ArrayRecordComponent") // never compared, nor handed out
  private record Entry(byte[] utf8, String name) {}

  private final @Nullable Entry[] entries = new Entry[1 << PLACE_BITS];

  /** The name that these bytes are in UTF-8. */
  String name(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length > MOST_BYTES) {
      return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
    int place = PlainBytes.hash(bytes, from, to) >>> (Integer.SIZE - PLACE_BITS);
    Entry entry = entries[place];
    if (entry != null && Arrays.equals(entry.utf8, 0, entry.utf8.length, bytes, from, to)) {
      return entry.name;
    }
    byte[] utf8 = Arrays.copyOfRange(bytes, from, to);
    String name = new String(utf8, StandardCharsets.UTF_8);
    entries[place] = new Entry(utf8, name);
    return name;
  }
}
