package io.sentinel.agent.fuzz;

import io.sentinel.agent.wire.v2.Encoding;

/** A frame of version 2 in MessagePack: the type byte and the payload. */
public final class Version2MessagePackFuzz {

  private static final Version2Check CHECK = new Version2Check(Encoding.MESSAGE_PACK);

  private Version2MessagePackFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    CHECK.run(input);
  }
}
