package io.sentinel.agent.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.HeapUse;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer can make up ever new names of fields: the agent keeps a few short ones at most. */
class ForgottenNamesTest {

  private static final int EVENTS = 48;
  private static final int NAME_BYTES = 1 << 20;

  /** Of the 100 MiB and more that these names would take. */
  private static final long ROOM = 24 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @ParameterizedTest
  @EnumSource(Speech.class)
  void namesOfUnknownFieldsAreNotKept(Speech speech) throws IOException {
    try (TestAgent agent = TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)));
        AgentClient client = agent.connect(speech)) {
      ask(client, "first");
      long before = HeapUse.now();
      for (int i = 0; i < EVENTS; i++) {
        ask(client, i + "x".repeat(NAME_BYTES));
      }
      long kept = HeapUse.now() - before;
      assertTrue(kept < ROOM, () -> kept + " bytes are kept");
    }
  }

  private static void ask(AgentClient client, String name) throws IOException {
    String event =
        """
        {"correlation_id":"c","status":200,"%s":{"%s":0},"headers":{}}"""
            .formatted(name, name);
    assertEquals(
        Decision.allow(),
        client.ask(EventType.RESPONSE_HEADERS, event.getBytes(UTF_8), PATIENCE).reply().decision());
  }
}
