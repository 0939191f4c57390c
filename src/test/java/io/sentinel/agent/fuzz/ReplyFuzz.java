package io.sentinel.agent.fuzz;

import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;

/** What {@code send} reads from an agent, which may be any: the payload of a frame. */
public final class ReplyFuzz {

  private ReplyFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return; // no frame is empty
    }
    for (Speech speech : Speech.values()) {
      read(speech, input);
    }
  }

  private static void read(Speech speech, byte[] input) {
    try {
      ProxyCodec.of(speech).decode(new Frame(input, 0, input.length));
    } catch (MalformedMessageException e) {
      return;
    }
  }
}
