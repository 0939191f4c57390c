package io.sentinel.agent.wire;

/** A version of the protocol, chosen once for each connection from its first bytes. */
public enum Protocol {
  /** Sentinel up to 0.3: JSON, one event at a time. */
  V1(1, 10 * 1024 * 1024, '{'),

  /** Zentinel: JSON or MessagePack, many events at a time. The length counts the type byte too. */
  V2(2, 16 * 1024 * 1024, 0x01);

  private final int version;
  private final int maxLength;
  private final byte firstByte;

  Protocol(int version, int maxLength, int firstByte) {
    this.version = version;
    this.maxLength = maxLength;
    this.firstByte = (byte) firstByte;
  }

  /** Its number, for people to read. */
  public int version() {
    return version;
  }

  /** The largest value of the length prefix, in bytes. */
  public int maxLength() {
    return maxLength;
  }

  byte firstByte() {
    return firstByte;
  }
}
