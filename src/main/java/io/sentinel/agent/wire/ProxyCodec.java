package io.sentinel.agent.wire;

import io.sentinel.agent.message.EventType;

/** The proxy's side of one version of the protocol, on one connection. */
public interface ProxyCodec {

  /**
   * Writes an event as one frame.
   *
   * @param payload the event's object, as JSON
   */
  void encode(EventType type, byte[] payload, FrameBuffer out);

  /** The codec of a version, for one connection. */
  static ProxyCodec of(Protocol protocol) {
    return switch (protocol) {
      case V1 -> new io.sentinel.agent.wire.v1.V1ProxyCodec();
    };
  }
}
