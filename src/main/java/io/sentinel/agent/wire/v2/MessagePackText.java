package io.sentinel.agent.wire.v2;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a MessagePack payload must be before its parser may see it: whole, one value, of bounded
 * depth, its strings UTF-8, its names strings, and no length in it larger than what is there. The
 * parser would allocate what a length announces, replace what is not UTF-8, and lose its way at
 * names that are none.
 */
final class MessagePackText {

  private static final int MAX_DEPTH = 128;

  private final byte[] bytes;
  private final int end;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private int at;

  private MessagePackText(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset + length;
  }

  static Optional<String> problem(byte[] bytes, int offset, int length) {
    MessagePackText text = new MessagePackText(bytes, offset, length);
    try {
      text.values();
      return text.at == text.end ? Optional.empty() : Optional.of("is followed by something");
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Walks through the values without recursion: {@code left} counts what each level awaits. */
  private void values() {
    long[] left = new long[MAX_DEPTH + 1];
    boolean[] named = new boolean[MAX_DEPTH + 1];
    int depth = 0;
    left[0] = 1;
    while (depth >= 0) {
      if (left[depth] == 0) {
        depth--;
        continue;
      }
      // Names and values take turns, and the last is a value.
      boolean name = named[depth] && (left[depth] & 1) == 0;
      left[depth]--;
      int head = Byte.toUnsignedInt(bytes[take(1)]);
      if (name && !isString(head)) {
        throw new IllegalArgumentException("has a name that is no string");
      }
      long children = value(head);
      if (children > 0) {
        if (++depth > MAX_DEPTH) {
          throw new IllegalArgumentException("is nested deeper than " + MAX_DEPTH);
        }
        left[depth] = children;
        named[depth] = isMap(head);
      }
    }
  }

  private static boolean isString(int head) {
    return (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb);
  }

  private static boolean isMap(int head) {
    return (head >= 0x80 && head < 0x90) || head == 0xde || head == 0xdf;
  }

  /** Steps over one value, or over the head of a container; returns how many values it holds. */
  private long value(int head) {
    if (head < 0x80 || head >= 0xe0) {
      return 0; // a small integer
    }
    if (head < 0x90) {
      return container(2L * (head & 0x0f));
    }
    if (head < 0xa0) {
      return container(head & 0x0f);
    }
    if (head < 0xc0) {
      return string(head & 0x1f);
    }
    return switch (head) {
      case 0xc0, 0xc2, 0xc3 -> 0;
      case 0xc4 -> skip(length(1));
      case 0xc5 -> skip(length(2));
      case 0xc6 -> skip(length(4));
      case 0xca, 0xce, 0xd2 -> skip(4);
      case 0xcb, 0xcf, 0xd3 -> skip(8);
      case 0xcc, 0xd0 -> skip(1);
      case 0xcd, 0xd1 -> skip(2);
      case 0xd9 -> string(length(1));
      case 0xda -> string(length(2));
      case 0xdb -> string(length(4));
      case 0xdc -> container(length(2));
      case 0xdd -> container(length(4));
      case 0xde -> container(2 * length(2));
      case 0xdf -> container(2 * length(4));
      default -> throw new IllegalArgumentException("has a value of an unknown type");
    };
  }

  /** Each value takes a byte at least. */
  private long container(long values) {
    if (values > end - at) {
      throw new IllegalArgumentException("announces more than it has");
    }
    return values;
  }

  private long string(long length) {
    int from = take(length);
    try {
      utf8.decode(ByteBuffer.wrap(bytes, from, (int) length));
      return 0;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("has a string that is not UTF-8", e);
    }
  }

  private long skip(long length) {
    take(length);
    return 0;
  }

  private long length(int size) {
    int from = take(size);
    long length = 0;
    for (int i = 0; i < size; i++) {
      length = length << 8 | Byte.toUnsignedInt(bytes[from + i]);
    }
    return length;
  }

  /** Steps over so many bytes and returns where they begin. */
  private int take(long length) {
    if (length > end - at) {
      throw new IllegalArgumentException("announces more than it has");
    }
    int from = at;
    at += (int) length;
    return from;
  }
}
