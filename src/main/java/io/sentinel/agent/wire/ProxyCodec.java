package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import java.util.Optional;

/** The proxy's side of one version of the protocol, on one connection. */
public interface ProxyCodec {

  /**
   * An answer.
   *
   * @param json as JSON, whatever it came in
   */
  record Reply(AgentReply reply, String json) {}

  /** What is said before the first event, as one frame, if anything is. */
  Optional<byte[]> greeting();

  /**
   * Reads the answer to the greeting.
   *
   * @throws MalformedMessageException if the agent does not agree
   */
  void checkGreeting(FrameDecoder.Frame frame);

  /**
   * Writes an event as one frame.
   *
   * @param payload the event's object, as JSON
   */
  void encode(EventType type, byte[] payload, FrameBuffer out);

  /** Reads a frame; empty if it is no answer to an event. */
  Optional<Reply> decode(FrameDecoder.Frame frame);

  /** How a client speaks. */
  enum Speech {
    V1(Protocol.V1),
    V2_JSON(Protocol.V2),
    V2_MESSAGE_PACK(Protocol.V2);

    private final Protocol protocol;

    Speech(Protocol protocol) {
      this.protocol = protocol;
    }

    public Protocol protocol() {
      return protocol;
    }
  }

  /** A codec for one connection. */
  static ProxyCodec of(Speech speech) {
    return switch (speech) {
      case V1 -> new io.sentinel.agent.wire.v1.V1ProxyCodec();
      case V2_JSON ->
          new io.sentinel.agent.wire.v2.V2ProxyCodec(io.sentinel.agent.wire.v2.Encoding.JSON);
      case V2_MESSAGE_PACK ->
          new io.sentinel.agent.wire.v2.V2ProxyCodec(
              io.sentinel.agent.wire.v2.Encoding.MESSAGE_PACK);
    };
  }
}
