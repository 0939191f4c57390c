package io.sentinel.agent.wire;

import io.sentinel.agent.text.JsonEscaper;
import java.io.OutputStream;
import java.util.Arrays;

/** Where frames are written, each after its length prefix; grows as needed. */
public final class FrameBuffer extends OutputStream {

  private static final int INITIAL_BYTES = 512;

  /** From here on the buffer grows by half: twice the largest frame is a share of a small heap. */
  private static final int MUCH_BYTES = 1 << 20;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int count;
  private int frameStart;
  private int frames;

  /** Leaves room for the prefix of a new frame. */
  public void beginFrame() {
    frameStart = count;
    room(FrameDecoder.PREFIX_BYTES);
    count += FrameDecoder.PREFIX_BYTES;
  }

  /**
   * Fills in the prefix of the frame begun last.
   *
   * @throws MalformedMessageException if the frame is over the limit; it is taken back then
   */
  public void endFrame(int maxLength) {
    int length = count - frameStart - FrameDecoder.PREFIX_BYTES;
    if (length > maxLength) {
      count = frameStart;
      throw new MalformedMessageException(
          "an answer of %d bytes, where %d is the limit".formatted(length, maxLength), 0);
    }
    bytes[frameStart] = (byte) (length >>> 24);
    bytes[frameStart + 1] = (byte) (length >>> 16);
    bytes[frameStart + 2] = (byte) (length >>> 8);
    bytes[frameStart + 3] = (byte) length;
    frames++;
  }

  public int size() {
    return count;
  }

  /** How many frames were ended since the buffer was cleared. */
  public int frames() {
    return frames;
  }

  /** Where everything written so far stands, from the beginning on: valid until the next write. */
  public byte[] bytes() {
    return bytes;
  }

  /** Forgets what was written. */
  public void clear() {
    count = 0;
    frames = 0;
    if (bytes.length > 64 * INITIAL_BYTES) {
      bytes = new byte[INITIAL_BYTES]; // one large answer shall not be paid for ever
    }
  }

  /** Takes a copy of everything written so far out of the buffer. */
  public byte[] drain() {
    byte[] out = Arrays.copyOf(bytes, count);
    clear();
    return out;
  }

  @Override
  public void write(int b) {
    room(1);
    bytes[count++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    room(length);
    System.arraycopy(source, offset, bytes, count, length);
    count += length;
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  /** Writes the inside of a JSON string. */
  void writeEscaped(String text) {
    int length = text.length();
    if (length <= JsonEscaper.SHORT) {
      room(length);
      if (JsonEscaper.writePlain(text, bytes, count)) {
        count += length;
        return;
      }
    }
    write(JsonEscaper.escaped(text));
  }

  private void room(int more) {
    if (bytes.length - count < more) {
      int grown = bytes.length + (bytes.length < MUCH_BYTES ? bytes.length : bytes.length / 2);
      bytes = Arrays.copyOf(bytes, Math.max(grown, count + more));
    }
  }
}
