package io.sentinel.agent.wire.v2;

import io.sentinel.agent.message.EventType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The types of messages, by the first byte of a frame's payload (protocol.md, section 3.1). */
enum MessageType {
  HANDSHAKE_REQUEST(0x01),
  HANDSHAKE_RESPONSE(0x02),
  REQUEST_HEADERS(0x10, EventType.REQUEST_HEADERS),
  REQUEST_BODY_CHUNK(0x11, EventType.REQUEST_BODY_CHUNK),
  RESPONSE_HEADERS(0x12, EventType.RESPONSE_HEADERS),
  RESPONSE_BODY_CHUNK(0x13, EventType.RESPONSE_BODY_CHUNK),
  REQUEST_COMPLETE(0x14, EventType.REQUEST_COMPLETE),
  WEBSOCKET_FRAME(0x15, EventType.WEBSOCKET_FRAME),
  GUARDRAIL_INSPECT(0x16, EventType.GUARDRAIL_INSPECT),
  CONFIGURE(0x17, EventType.CONFIGURE),
  AGENT_RESPONSE(0x20),
  HEALTH_STATUS(0x30),
  METRICS_REPORT(0x31),
  CONFIG_UPDATE_REQUEST(0x32),
  FLOW_CONTROL(0x33),
  CANCEL(0x40),
  PING(0x41),
  PONG(0x42);

  private static final @Nullable MessageType[] BY_BYTE = new @Nullable MessageType[256];

  static {
    for (MessageType type : values()) {
      BY_BYTE[type.number] = type;
    }
  }

  private final int number;
  private final Optional<EventType> event;

  MessageType(int number) {
    this.number = number;
    this.event = Optional.empty();
  }

  MessageType(int number, EventType event) {
    this.number = number;
    this.event = Optional.of(event);
  }

  static Optional<MessageType> of(byte number) {
    return Optional.ofNullable(BY_BYTE[Byte.toUnsignedInt(number)]);
  }

  static MessageType of(EventType event) {
    for (MessageType type : values()) {
      if (type.event.filter(event::equals).isPresent()) {
        return type;
      }
    }
    throw new IllegalArgumentException("no message carries " + event);
  }

  byte number() {
    return (byte) number;
  }

  Optional<EventType> event() {
    return event;
  }
}
