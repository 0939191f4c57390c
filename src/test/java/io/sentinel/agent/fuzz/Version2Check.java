package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;
import static io.sentinel.agent.fuzz.Properties.comparable;
import static io.sentinel.agent.fuzz.Properties.onlyFrame;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wasm.GuestInputCheck;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.v2.Encoding;
import io.sentinel.agent.wire.v2.V2Codec;
import io.sentinel.agent.wire.v2.V2ProxyCodec;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;

/** What holds for a frame of version 2 after the handshake, whatever is in it. */
final class Version2Check {

  static final Capabilities CAPABILITIES =
      new Capabilities("fuzz", Set.of(EventType.REQUEST_HEADERS), 256, true);

  private static final int PING = 0x41;
  private static final int PONG = 0x42;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Encoding encoding;
  private final V2Codec codec;

  Version2Check(Encoding encoding) {
    this.encoding = encoding;
    this.codec = codec(encoding);
  }

  private static V2Codec codec(Encoding encoding) {
    V2Codec codec = new V2Codec(CAPABILITIES);
    byte[] greeting = new V2ProxyCodec(encoding).greeting().orElseThrow();
    codec.decode(new Frame(greeting, 4, greeting.length - 4));
    return codec;
  }

  /**
   * @param input the type byte and the payload
   */
  void run(byte[] input) {
    if (input.length == 0) {
      return; // no frame is empty
    }
    Inbound inbound;
    try {
      inbound = codec.decode(new Frame(input, 0, input.length));
    } catch (MalformedMessageException e) {
      return; // an unknown type, or a huge ping
    }
    switch (inbound) {
      case Inbound.Event(AgentEvent event) -> event(event);
      case Inbound.BadEvent(EventType type, String id, String problem) -> {
        check(!problem.isEmpty(), "an event is bad for no reason");
        Properties.checkText(id);
        answered(new AgentEvent.Unhandled(type, id));
      }
      case Inbound.Immediate(Inbound.Reply reply) -> {
        checkEqual(PING, (int) input[0], "the type of what was answered at once");
        FrameBuffer out = new FrameBuffer();
        reply.write(out);
        byte[] pong = out.drain();
        checkEqual(PONG, (int) pong[4], "the type of the answer");
        check(Arrays.equals(input, 1, input.length, pong, 5, pong.length), "the ping's echo");
      }
      case Inbound.Cancel(String id) -> check(id != null, "an id to cancel");
      case Inbound.Ignored() -> {}
    }
  }

  private void event(AgentEvent event) {
    Properties.checkEvent(event);
    GuestInputCheck.check(event);
    answered(event);
    if (event instanceof AgentEvent.Configure(var _, var config)
        && Properties.hasInfinity(config)) {
      return;
    }
    for (Encoding other : Encoding.values()) {
      FrameBuffer again = new FrameBuffer();
      new V2ProxyCodec(other).encode(event.type(), EventWriter.write(event), again);
      Inbound second = codec(other).decode(onlyFrame(again.drain(), Protocol.V2));
      check(second instanceof Inbound.Event, "written and read again as " + second);
      checkEqual(
          comparable(event),
          comparable(((Inbound.Event) second).event()),
          "written and read again in " + other);
    }
  }

  /** The answer finds its event again, whatever the event's id is. */
  private void answered(AgentEvent event) {
    FrameBuffer out = new FrameBuffer();
    codec.encode(AgentReply.allow(), event, out);
    var reply =
        new V2ProxyCodec(encoding).decode(onlyFrame(out.drain(), Protocol.V2)).orElseThrow();
    checkEqual(AgentReply.allow(), reply.reply(), "the answer");
    try {
      checkEqual(
          event.correlationId(),
          JSON.readTree(reply.json()).at("/audit/custom/correlation_id").asText(),
          "the answer's id");
    } catch (IOException e) {
      throw new AssertionError(reply.json(), e);
    }
  }
}
