package io.sentinel.agent.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.HeapUse;
import io.sentinel.agent.message.AgentReply;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A module can make up ever new names of fields: the agent keeps none of them. */
class ForgottenNamesTest {

  private static final int RESULTS = 100;
  private static final int NAMES = 20;
  private static final int NAME_BYTES = 49_000;

  /** Of the 200 MiB that these names would take. */
  private static final long ROOM = 24 << 20;

  @Test
  void namesOfUnknownFieldsAreNotKept() {
    read(RESULTS);
    long before = HeapUse.now();
    for (int i = 0; i < RESULTS; i++) {
      read(i);
    }
    long kept = HeapUse.now() - before;
    assertTrue(kept < ROOM, () -> kept + " bytes are kept");
  }

  private static void read(int number) {
    String fields =
        IntStream.range(0, NAMES)
            .mapToObj(i -> "\"%d-%d%s\":0".formatted(number, i, "x".repeat(NAME_BYTES)))
            .collect(Collectors.joining(",", "{\"decision\":\"allow\",", "}"));
    byte[] result = fields.getBytes(UTF_8);
    assertEquals(
        AgentReply.allow(), GuestResult.read(result, 0, result.length, GuestLimits.DEFAULT));
  }
}
