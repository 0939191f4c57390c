package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;

import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The frames of a stream, cut anywhere. The input's first byte says how many cuts there are, a byte
 * for each follows, and then the stream; a cut comes so many bytes after the one before.
 */
public final class FrameDecoderFuzz {

  /** What came out: the frames' payloads, and whether the stream was given up after them. */
  private record Result(List<ByteBuffer> payloads, boolean malformed) {}

  private FrameDecoderFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    int cuts = Math.min(Byte.toUnsignedInt(input[0]), input.length - 1);
    byte[] stream = Arrays.copyOfRange(input, 1 + cuts, input.length);
    List<byte[]> pieces = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < cuts; i++) {
      int next = Math.min(stream.length, at + Byte.toUnsignedInt(input[1 + i]));
      pieces.add(Arrays.copyOfRange(stream, at, next));
      at = next;
    }
    pieces.add(Arrays.copyOfRange(stream, at, stream.length));

    Result expected = byTheBook(stream);
    checkEqual(expected, decode(List.of(stream)), "the stream as a whole");
    checkEqual(expected, decode(pieces), "the stream in pieces");
  }

  private static Result decode(List<byte[]> pieces) {
    FrameDecoder decoder = new FrameDecoder();
    List<ByteBuffer> payloads = new ArrayList<>();
    long received = 0;
    long taken = 0;
    for (byte[] piece : pieces) {
      // A window into a larger array, which is the caller's: nothing may be written to it.
      byte[] larger = new byte[piece.length + 2];
      System.arraycopy(piece, 0, larger, 1, piece.length);
      byte[] before = larger.clone();
      decoder.append(larger, 1, piece.length);
      received += piece.length;
      try {
        for (var frame = decoder.next(); frame != null; frame = decoder.next()) {
          payloads.add(
              ByteBuffer.wrap(
                  Arrays.copyOfRange(
                      frame.bytes(), frame.offset(), frame.offset() + frame.length())));
          taken += 4 + frame.length();
        }
      } catch (MalformedMessageException e) {
        return new Result(payloads, true);
      }
      checkEqual((int) (received - taken), decoder.buffered(), "bytes kept");
      check(Arrays.equals(before, larger), "the caller's bytes were changed");
    }
    return new Result(payloads, false);
  }

  /** The same, written down once more and as simply as can be. */
  private static Result byTheBook(byte[] stream) {
    ByteBuffer in = ByteBuffer.wrap(stream);
    List<ByteBuffer> payloads = new ArrayList<>();
    long limit = Protocol.V2.maxLength();
    boolean versionKnown = false;
    while (in.remaining() >= 4) {
      in.mark();
      long length = Integer.toUnsignedLong(in.getInt());
      if (!versionKnown && in.hasRemaining()) {
        byte first = in.get(in.position());
        if (first != '{' && first != 1) {
          return new Result(payloads, true);
        }
        limit = (first == '{' ? Protocol.V1 : Protocol.V2).maxLength();
        versionKnown = true;
      }
      if (length == 0 || length > limit) {
        return new Result(payloads, true);
      }
      if (in.remaining() < length) {
        break;
      }
      byte[] payload = new byte[(int) length];
      in.get(payload);
      payloads.add(ByteBuffer.wrap(payload));
    }
    return new Result(payloads, false);
  }
}
