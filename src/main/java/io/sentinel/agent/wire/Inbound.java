package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentEvent;

/** What a frame from the proxy says. */
public sealed interface Inbound {

  /** An event, to be answered once. */
  record Event(AgentEvent event) implements Inbound {}
}
