package io.sentinel.agent.server;

import io.netty.buffer.ByteBuf;
import io.sentinel.agent.wire.FrameDecoder;
import io.vertx.core.buffer.Buffer;

/** What Vert.x has read, for the wire, without copying where that can be. */
@SuppressWarnings("deprecation") // Vert.x 5 hides its Netty buffers; 4.5 has no other way to them
final class Bytes {

  private Bytes() {}

  /** Vert.x hands out what it read in a heap buffer of its own: the decoder may keep it. */
  static void append(Buffer chunk, FrameDecoder decoder) {
    ByteBuf bytes = chunk.getByteBuf();
    if (bytes.hasArray()) {
      decoder.append(
          bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes());
    } else {
      decoder.append(chunk.getBytes(), 0, chunk.length());
    }
  }
}
