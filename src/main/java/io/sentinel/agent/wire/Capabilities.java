package io.sentinel.agent.wire;

import io.sentinel.agent.message.EventType;
import java.util.Set;

/**
 * What the agent tells of itself in a handshake.
 *
 * @param handled the events that the module has handlers for
 * @param maxInFlight events that one connection may have under way
 * @param reports whether health and metrics are sent by themselves
 */
public record Capabilities(
    String version, Set<EventType> handled, int maxInFlight, boolean reports) {

  /** The agent's id and name. */
  public static final String AGENT_ID = "sentinel-wasm-agent";

  public Capabilities {
    handled = Set.copyOf(handled);
  }
}
