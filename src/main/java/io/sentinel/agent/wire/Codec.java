package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Health;
import io.sentinel.agent.message.MetricsReport;
import java.time.Duration;

/** The agent's side of one version of the protocol, on one connection. */
public interface Codec {

  /**
   * Reads the payload of one frame.
   *
   * @throws MalformedMessageException if it is no message of this version: the connection is over
   */
  Inbound decode(FrameDecoder.Frame frame);

  /** Writes the answer to an event as one frame. */
  void encode(AgentReply reply, AgentEvent event, FrameBuffer out);

  /**
   * Whether the connection carries one event at a time, whose answer may not come after its
   * deadline: the peer would take it for the answer to its next event.
   */
  boolean oneAtATime();

  /** Whether the peer can be sent what it did not ask for, at this moment. */
  boolean takesReports();

  void encode(Health health, FrameBuffer out);

  void encode(MetricsReport report, Duration interval, FrameBuffer out);

  void encode(FlowControl flowControl, FrameBuffer out);

  /** The codec of a version, for one connection. */
  static Codec of(Protocol protocol, Capabilities capabilities) {
    return switch (protocol) {
      case V1 -> new io.sentinel.agent.wire.v1.V1Codec();
      case V2 -> new io.sentinel.agent.wire.v2.V2Codec(capabilities);
    };
  }
}
