package io.sentinel.agent.fuzz;

import io.sentinel.agent.wire.v2.Encoding;

/** A frame of version 2 in JSON: the type byte and the payload. */
public final class Version2JsonFuzz {

  private static final Version2Check CHECK = new Version2Check(Encoding.JSON);

  private Version2JsonFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    CHECK.run(input);
  }
}
