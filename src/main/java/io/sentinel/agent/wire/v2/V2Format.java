package io.sentinel.agent.wire.v2;

import io.sentinel.agent.message.EventType;

/** Every number and name of version 2 (protocol.md, section 3). */
final class V2Format {

  /** The value of {@code version} in answers, and of the version in the handshake. */
  static final int VERSION = 2;

  /** A ping is echoed; a peer that wants more than this echoed wants something else. */
  static final int MAX_PING_BYTES = 64 * 1024;

  static final String CORRELATION_ID = "correlation_id";

  private V2Format() {}

  /** The number of an event in {@code supported_events}. */
  static int number(EventType type) {
    return switch (type) {
      case CONFIGURE -> 0;
      case REQUEST_HEADERS -> 1;
      case REQUEST_BODY_CHUNK -> 2;
      case RESPONSE_HEADERS -> 3;
      case RESPONSE_BODY_CHUNK -> 4;
      case REQUEST_COMPLETE -> 5;
      case WEBSOCKET_FRAME -> 6;
      case GUARDRAIL_INSPECT -> 7;
    };
  }
}
