package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;
import static io.sentinel.agent.fuzz.Properties.comparable;
import static io.sentinel.agent.fuzz.Properties.onlyFrame;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wasm.GuestInputCheck;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.v1.V1Codec;
import io.sentinel.agent.wire.v1.V1ProxyCodec;

/** The payload of a frame of version 1. */
public final class Version1Fuzz {

  private Version1Fuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    AgentEvent event;
    try {
      event = decode(new Frame(input, 0, input.length));
    } catch (MalformedMessageException e) {
      check(e.offset() >= 0 && e.offset() <= input.length, "an offset outside the payload: " + e);
      return;
    }
    Properties.checkEvent(event);
    GuestInputCheck.check(event);
    answered(event);
    if (event instanceof AgentEvent.Configure(var _, var config)
        && Properties.hasInfinity(config)) {
      return;
    }
    FrameBuffer again = new FrameBuffer();
    new V1ProxyCodec().encode(event.type(), EventWriter.write(event), again);
    checkEqual(
        comparable(event),
        comparable(decode(onlyFrame(again.drain(), Protocol.V1))),
        "written and read again");
  }

  private static AgentEvent decode(Frame frame) {
    return ((Inbound.Event) new V1Codec().decode(frame)).event();
  }

  private static void answered(AgentEvent event) {
    FrameBuffer out = new FrameBuffer();
    new V1Codec().encode(AgentReply.allow(), event, out);
    var reply = new V1ProxyCodec().decode(onlyFrame(out.drain(), Protocol.V1));
    checkEqual(AgentReply.allow(), reply.orElseThrow().reply(), "the answer");
  }
}
