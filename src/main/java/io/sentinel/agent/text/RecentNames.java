package io.sentinel.agent.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The short names that were read lately. Header names are nearly always the same few, and to make
 * each of them anew is a twelfth of what an event leaves to the garbage collector. A name takes the
 * place of the one before it whose hash led there: whoever sends ever new names wins nothing but
 * that others are made anew.
 *
 * <p>Threads share it without a lock: an entry is immutable, and whichever of two was put last is
 * as good as the other.
 */
final class RecentNames {

  private static final int PLACES = 512;
  private static final int MOST_BYTES = 40;

  @SuppressWarnings("ArrayRecordComponent") // never compared, nor handed out
  private record Entry(byte[] utf8, String name) {}

  private final @Nullable Entry[] entries = new Entry[PLACES];

  /** The name that these bytes are in UTF-8. */
  String name(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length > MOST_BYTES) {
      return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
    int place = PlainBytes.hash(bytes, from, to) & (PLACES - 1);
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
