package io.sentinel.agent.wire;

/** The two ways in which events are written. */
public enum Dialect {
  /** Objects by name, bytes as base64 text. */
  JSON,
  /** Objects by name or as positional arrays, bytes as text or as they are. */
  MESSAGE_PACK
}
