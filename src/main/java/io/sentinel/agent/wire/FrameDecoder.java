package io.sentinel.agent.wire;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one connection into frames: a 4-byte big-endian unsigned length, then as many
 * bytes (protocol.md, section 1).
 *
 * <p>The caller appends what arrived and takes frames until there is none. Lengths are checked
 * before anything is kept, and the buffer grows only with what really arrived, so a peer that
 * announces much and sends little costs little.
 */
public final class FrameDecoder {

  static final int PREFIX_BYTES = 4;

  private static final byte[] EMPTY = {};

  /**
   * The payload of one frame, as a window into the decoder's buffer: valid until the next append.
   */
  @SuppressWarnings("ArrayRecordComponent") // a window, never compared
  public record Frame(byte[] bytes, int offset, int length) {}

  private byte[] buffer = EMPTY;

  /** Whether the buffer is ours to write into, and not a chunk of the caller's. */
  private boolean owned;

  private int position;
  private int end;
  private @Nullable Protocol protocol;

  /** A decoder that tells the version from the first frame. */
  public FrameDecoder() {}

  /** A decoder for the side that has chosen the version. */
  public FrameDecoder(Protocol protocol) {
    this.protocol = protocol;
  }

  /**
   * Takes over what the connection received.
   *
   * @param chunk kept by reference and not copied where nothing is left over from before: the
   *     caller must not change it afterwards
   */
  public void append(byte[] chunk, int offset, int length) {
    int left = end - position;
    if (left == 0) {
      buffer = chunk;
      owned = false;
      position = offset;
      end = offset + length;
      return;
    }
    if (!owned || buffer.length - end < length) {
      byte[] larger = new byte[roomFor(left + length)];
      System.arraycopy(buffer, position, larger, 0, left);
      buffer = larger;
      owned = true;
      position = 0;
      end = left;
    }
    System.arraycopy(chunk, offset, buffer, end, length);
    end += length;
  }

  /** The next whole frame, or null while there is none. */
  public @Nullable Frame next() {
    int available = end - position;
    if (available < PREFIX_BYTES) {
      return nothingWhole();
    }
    long length = Integer.toUnsignedLong(prefix());
    Protocol spoken = protocol;
    if (spoken == null) {
      spoken = detect(available, length);
      if (spoken == null) {
        return nothingWhole();
      }
      protocol = spoken;
    }
    checkLength(length, spoken);
    if (available - PREFIX_BYTES < length) {
      return nothingWhole();
    }
    Frame frame = new Frame(buffer, position + PREFIX_BYTES, (int) length);
    position += PREFIX_BYTES + (int) length;
    return frame;
  }

  /** The version this connection speaks, once its first byte is there. */
  public Optional<Protocol> protocol() {
    return Optional.ofNullable(protocol);
  }

  /** How many bytes wait for the rest of their frame. */
  public int buffered() {
    return end - position;
  }

  /** How much memory they take: that of the array in which they stand. */
  public int heldBytes() {
    return buffer.length;
  }

  /** Gives up what waits. */
  public void clear() {
    buffer = EMPTY;
    owned = false;
    position = 0;
    end = 0;
  }

  private @Nullable Protocol detect(int available, long length) {
    return switch (ProtocolDetection.detect(buffer, position, available)) {
      case ProtocolDetection.Detected(Protocol detected) -> detected;
      case ProtocolDetection.Invalid(int firstByte) ->
          throw new MalformedMessageException(
              "no version of the protocol begins with byte 0x%02x".formatted(firstByte), 0);
      case ProtocolDetection.NeedsMore() -> {
        checkLength(length, LARGEST);
        yield null;
      }
    };
  }

  private static final Protocol LARGEST = largest();

  private static Protocol largest() {
    Protocol largest = Protocol.V1;
    for (Protocol protocol : Protocol.values()) {
      if (protocol.maxLength() > largest.maxLength()) {
        largest = protocol;
      }
    }
    return largest;
  }

  private static void checkLength(long length, Protocol spoken) {
    if (length == 0) {
      throw new MalformedMessageException("a frame of length 0", 0);
    }
    if (length > spoken.maxLength()) {
      throw new MalformedMessageException(
          "a frame of %d bytes, where %d is the limit".formatted(length, spoken.maxLength()), 0);
    }
  }

  private int prefix() {
    return Byte.toUnsignedInt(buffer[position]) << 24
        | Byte.toUnsignedInt(buffer[position + 1]) << 16
        | Byte.toUnsignedInt(buffer[position + 2]) << 8
        | Byte.toUnsignedInt(buffer[position + 3]);
  }

  private @Nullable Frame nothingWhole() {
    int left = end - position;
    if (left == 0) {
      clear(); // an idle connection keeps nothing
    } else if (left <= buffer.length / 4) {
      // What has begun shall not keep the memory of what came before it.
      buffer = Arrays.copyOfRange(buffer, position, end);
      owned = true;
      position = 0;
      end = left;
    }
    return null;
  }

  /** Half as much again as is needed now, but no more than the frame that has begun will need. */
  private int roomFor(int bytes) {
    long grown = bytes + (long) (bytes >> 1);
    if (end - position >= PREFIX_BYTES) {
      grown = Math.min(grown, PREFIX_BYTES + Integer.toUnsignedLong(prefix()));
    }
    return Math.toIntExact(Math.max(bytes, grown));
  }
}
