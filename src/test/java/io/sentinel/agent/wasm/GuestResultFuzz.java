package io.sentinel.agent.wasm;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;
import static io.sentinel.agent.fuzz.Properties.onlyFrame;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a module returns: refused, or an answer within all limits that every codec carries. */
public final class GuestResultFuzz {

  private static final AgentEvent EVENT =
      new AgentEvent.Unhandled(EventType.REQUEST_COMPLETE, "c-1");

  private GuestResultFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    AgentReply reply;
    try {
      reply = GuestResult.read(input, 0, input.length, GuestLimits.DEFAULT);
    } catch (GuestException e) {
      checkEqual(AgentFailure.Code.BAD_RESULT, e.code(), "the failure's code");
      String message = String.valueOf(e.getMessage());
      check(message.chars().noneMatch(Character::isISOControl), "no line for the log: " + message);
      check(message.length() < 1_500, "a line of " + message.length() + " characters");
      return;
    }
    ResultProperties.check(reply);
    for (Speech speech : Speech.values()) {
      checkEqual(onTheWire(reply), carried(reply, speech), "read from the wire, " + speech);
    }
  }

  private static AgentReply carried(AgentReply reply, Speech speech) {
    ProxyCodec proxy = ProxyCodec.of(speech);
    Codec agent = Codec.of(speech.protocol(), new Capabilities("fuzz", Set.of(), 1, false));
    proxy.greeting().ifPresent(bytes -> agent.decode(new Frame(bytes, 4, bytes.length - 4)));
    FrameBuffer out = new FrameBuffer();
    agent.encode(reply, EVENT, out);
    return proxy.decode(onlyFrame(out.drain(), speech.protocol())).orElseThrow().reply();
  }

  /**
   * A redirect travels as a block that says where to; how much was left out is for the agent's own
   * metrics.
   */
  private static AgentReply onTheWire(AgentReply reply) {
    if (!(reply.decision() instanceof Decision.Redirect(int status, String url))) {
      return new AgentReply(
          reply.decision(), reply.requestHeaders(), reply.responseHeaders(), reply.audit());
    }
    List<HeaderOp> responseHeaders = new ArrayList<>();
    responseHeaders.add(new HeaderOp.Set("Location", url));
    responseHeaders.addAll(reply.responseHeaders());
    return new AgentReply(
        new Decision.Block(status, Optional.empty(), Map.of("Location", url)),
        reply.requestHeaders(),
        responseHeaders,
        reply.audit());
  }
}
