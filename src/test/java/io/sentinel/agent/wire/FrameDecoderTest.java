package io.sentinel.agent.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Vectors;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {

  private final FrameDecoder decoder = new FrameDecoder();

  @Test
  void streamCutAtEveryPairOfOffsetsYieldsTheSameFrames() {
    byte[] stream =
        concat(Vectors.frame("v1", "configure"), Vectors.frame("v1", "response-headers"));
    List<byte[]> whole = payloads(stream);
    assertEquals(2, whole.size());
    for (int first = 0; first <= stream.length; first++) {
      for (int second = first; second <= stream.length; second += 7) {
        List<byte[]> cut = payloads(stream, first, second);
        assertEquals(whole.size(), cut.size(), "cut at " + first + " and " + second);
        for (int i = 0; i < whole.size(); i++) {
          assertArrayEquals(whole.get(i), cut.get(i), "cut at " + first + " and " + second);
        }
      }
    }
  }

  @Test
  void byteAfterByteYieldsTheSameFrames() {
    byte[] frame = Vectors.frame("v1", "request-headers-rich");
    List<byte[]> frames = new ArrayList<>();
    for (byte b : frame) {
      decoder.append(new byte[] {b}, 0, 1);
      drainInto(frames, decoder);
    }
    assertEquals(1, frames.size());
    assertArrayEquals(Arrays.copyOfRange(frame, 4, frame.length), frames.getFirst());
    assertEquals(0, decoder.buffered());
  }

  /** A byte of the next frame shall not keep the memory of a large one that came before it. */
  @Test
  void frameThatHasBegunHoldsWhatItNeeds() {
    byte[] large = new byte[4 + (8 << 20)];
    ByteBuffer.wrap(large).putInt(large.length - 4).put((byte) '{');
    for (int from = 0; from < large.length; from += 65_536) {
      int length = Math.min(65_536, large.length - from);
      decoder.append(Arrays.copyOfRange(large, from, from + length), 0, length);
      assertTrue(decoder.heldBytes() <= large.length, decoder.heldBytes() + " bytes");
      assertTrue(decoder.heldBytes() <= decoder.buffered() * 3L / 2 + 1);
      if (from + length < large.length) {
        assertNull(decoder.next());
      }
    }
    decoder.append(new byte[] {0}, 0, 1);
    assertEquals(large.length - 4, decoder.next().length());
    assertNull(decoder.next());
    assertEquals(1, decoder.buffered());
    assertEquals(1, decoder.heldBytes());
  }

  @Test
  void whatIsGivenUpIsNotHeld() {
    decoder.append(new byte[] {0, 0, 1, 0, '{'}, 0, 5);
    assertNull(decoder.next());
    decoder.clear();
    assertEquals(0, decoder.heldBytes());
    assertEquals(0, decoder.buffered());
  }

  @Test
  void hundredFramesInOneChunkComeOneAfterTheOther() {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      stream.writeBytes(frame("{" + i));
    }
    List<byte[]> frames = payloads(stream.toByteArray());
    assertEquals(100, frames.size());
    assertEquals("{42", new String(frames.get(42), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void versionIsToldByTheFirstByteAfterTheFirstLength() {
    append(new byte[] {0, 0, 0, 1});
    assertNull(decoder.next());
    assertEquals(Optional.empty(), decoder.protocol());
    append(new byte[] {'{'});
    assertNotNull(decoder.next());
    assertEquals(Optional.of(Protocol.V1), decoder.protocol());
  }

  @Test
  void unknownFirstByteIsRejected() {
    append(new byte[] {0, 0, 0, 9, 'x'});
    MalformedMessageException e = assertThrows(MalformedMessageException.class, decoder::next);
    assertTrue(e.getMessage().contains("0x78"), e.getMessage());
  }

  @Test
  void lengthZeroIsRejected() {
    append(new byte[] {0, 0, 0, 0});
    assertThrows(MalformedMessageException.class, decoder::next);
  }

  @Test
  void lengthZeroAfterAGoodFrameIsRejected() {
    append(concat(frame("{}"), new byte[4]));
    assertNotNull(decoder.next());
    assertThrows(MalformedMessageException.class, decoder::next);
  }

  @Test
  void largestLengthIsAccepted() {
    append(prefix(Protocol.V1.maxLength()));
    append(new byte[] {'{'});
    assertNull(decoder.next());
    assertEquals(5, decoder.buffered());
  }

  @Test
  void lengthOverTheLimitIsRejectedBeforeItsBytesCome() {
    append(prefix(Protocol.V1.maxLength() + 1));
    append(new byte[] {'{'});
    MalformedMessageException e = assertThrows(MalformedMessageException.class, decoder::next);
    assertTrue(e.getMessage().contains("10485761"), e.getMessage());
    assertTrue(e.getMessage().contains("10485760"), e.getMessage());
  }

  @Test
  void lengthsAreUnsigned() {
    for (int length : new int[] {0xffffffff, 0x80000000}) {
      FrameDecoder fresh = new FrameDecoder();
      byte[] prefix = prefix(length);
      fresh.append(prefix, 0, prefix.length);
      MalformedMessageException e = assertThrows(MalformedMessageException.class, fresh::next);
      assertTrue(e.getMessage().contains(Integer.toUnsignedString(length)), e.getMessage());
    }
  }

  @Test
  void announcedBytesTakeNoRoomUntilTheyCome() {
    append(prefix(Protocol.V1.maxLength()));
    append(new byte[] {'{'});
    decoder.next();
    append(new byte[] {'"'});
    assertEquals(6, decoder.buffered());
  }

  private void append(byte[] bytes) {
    decoder.append(bytes, 0, bytes.length);
  }

  private static List<byte[]> payloads(byte[] stream, int... cuts) {
    FrameDecoder decoder = new FrameDecoder();
    List<byte[]> frames = new ArrayList<>();
    int from = 0;
    for (int cut : cuts) {
      byte[] part = Arrays.copyOfRange(stream, from, cut);
      decoder.append(part, 0, part.length);
      drainInto(frames, decoder);
      from = cut;
    }
    decoder.append(stream, from, stream.length - from);
    drainInto(frames, decoder);
    return frames;
  }

  private static void drainInto(List<byte[]> frames, FrameDecoder decoder) {
    FrameDecoder.Frame frame = decoder.next();
    while (frame != null) {
      frames.add(
          Arrays.copyOfRange(frame.bytes(), frame.offset(), frame.offset() + frame.length()));
      frame = decoder.next();
    }
  }

  private static byte[] frame(String payload) {
    byte[] bytes = payload.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return concat(prefix(bytes.length), bytes);
  }

  private static byte[] prefix(int length) {
    return ByteBuffer.allocate(4).putInt(length).array();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
