package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;

/** The agent's side of one version of the protocol, on one connection. */
public interface Codec {

  /**
   * Reads the payload of one frame.
   *
   * @throws MalformedMessageException if it is no message of this version
   */
  Inbound decode(FrameDecoder.Frame frame);

  /** Writes the answer to an event as one frame. */
  void encode(AgentReply reply, AgentEvent event, FrameBuffer out);

  /**
   * Whether the connection carries one event at a time, whose answer may not come after its
   * deadline: the peer would take it for the answer to its next event.
   */
  boolean oneAtATime();

  /** The codec of a version, for one connection. */
  static Codec of(Protocol protocol) {
    return switch (protocol) {
      case V1 -> new io.sentinel.agent.wire.v1.V1Codec();
    };
  }
}
