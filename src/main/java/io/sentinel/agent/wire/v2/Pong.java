package io.sentinel.agent.wire.v2;

import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.Protocol;

/** The answer to a ping: what it said, byte for byte. */
final class Pong implements Inbound.Reply {

  private final byte[] payload;

  Pong(byte[] payload) {
    this.payload = payload;
  }

  @Override
  public void write(FrameBuffer out) {
    out.beginFrame();
    out.write(MessageType.PONG.number());
    out.write(payload, 0, payload.length);
    out.endFrame(Protocol.V2.maxLength());
  }

  @Override
  public boolean isLast() {
    return false;
  }
}
