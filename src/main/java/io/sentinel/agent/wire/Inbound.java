package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;

/** What a frame from the proxy says. */
public sealed interface Inbound {

  /** An event, to be answered once. */
  record Event(AgentEvent event) implements Inbound {}

  /**
   * An event that cannot be read, to be answered once all the same.
   *
   * @param correlationId whatever id could be read; may be empty
   */
  record BadEvent(EventType type, String correlationId, String problem) implements Inbound {}

  /** Something the codec itself has the answer to, which is written at once. */
  record Immediate(Reply reply) implements Inbound {}

  /** The proxy is not interested in an answer any more. */
  record Cancel(String correlationId) implements Inbound {}

  /** Nothing that asks for anything. */
  record Ignored() implements Inbound {}

  /** A frame that answers a frame; the connection may end with it. */
  interface Reply {

    void write(FrameBuffer out);

    /** Whether the connection is over after this. */
    boolean isLast();
  }
}
