package io.sentinel.agent.wire;

/** Tells the version from the first byte after the first length (protocol.md, section 1). */
sealed interface ProtocolDetection {

  record NeedsMore() implements ProtocolDetection {}

  record Detected(Protocol protocol) implements ProtocolDetection {}

  record Invalid(int firstByte) implements ProtocolDetection {}

  /**
   * @param bytes what the connection has sent so far, the length prefix included
   */
  static ProtocolDetection detect(byte[] bytes, int offset, int available) {
    if (available <= FrameDecoder.PREFIX_BYTES) {
      return new NeedsMore();
    }
    byte first = bytes[offset + FrameDecoder.PREFIX_BYTES];
    for (Protocol protocol : Protocol.values()) {
      if (first == protocol.firstByte()) {
        return new Detected(protocol);
      }
    }
    return new Invalid(Byte.toUnsignedInt(first));
  }
}
