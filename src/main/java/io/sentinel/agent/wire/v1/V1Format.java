package io.sentinel.agent.wire.v1;

import io.sentinel.agent.message.EventType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Every number and name of version 1 (protocol.md, section 2). */
final class V1Format {

  /** The value of {@code version} in events and answers. */
  static final int VERSION = 1;

  static final String VERSION_FIELD = "version";
  static final String EVENT_TYPE_FIELD = "event_type";
  static final String PAYLOAD_FIELD = "payload";

  private static final Map<String, EventType> TYPES = new HashMap<>();

  static {
    for (EventType type : EventType.values()) {
      TYPES.put(type.label(), type);
    }
  }

  private V1Format() {}

  static Optional<EventType> type(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }
}
