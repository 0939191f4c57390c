package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sentinel.agent.Guests;
import io.sentinel.agent.HostileModules;
import io.sentinel.agent.HostileModules.Row;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.WasmEngine;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every hostile module (src/test/resources/hostile, listed with what must happen in index.tsv) on a
 * real socket: refused by name, or answered by the failure policy at its deadline, by both of them,
 * and followed by a good answer from the next instance.
 */
class HostileModulesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  static List<Row> rows() {
    return HostileModules.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void moduleIsKeptFromDoingHarm(Row row) throws IOException {
    TestAgent agent;
    try {
      CompiledModule module =
          Guests.engine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED).load(row.file());
      agent = TestAgent.start(TestAgent.Options.of(module).poolSize(1).timeout(timeout(row)));
    } catch (ModuleException e) {
      assertRefused(row, e);
      return;
    } catch (CompletionException e) {
      if (e.getCause() instanceof ModuleException refusal) {
        assertRefused(row, refusal);
        return;
      }
      throw e;
    }
    try (agent;
        // Version 2: on version 1 an answer that a loaded machine delays would close the
        // connection.
        AgentClient client = agent.connect(Speech.V2_JSON)) {
      assertNotEquals("L", row.kind(), "it was not refused");
      if (row.kind().equals("F")) {
        fails(client, row, false);
        failOpen(client);
        fails(client, row, true);
      } else {
        AgentReply reply = ask(client, sin(row)).reply();
        assertEquals(Decision.allow(), reply.decision(), reply.toString());
        if (row.kind().equals("OK") && !row.reason().equals("allow")) {
          assertEquals(List.of(row.reason()), reply.audit().tags().subList(0, 1));
        }
      }
      // Where others take the cores a thread may be given up for a moment; none may stay away.
      eventually(() -> agent.pool().state().stuck() == 0);
    }
  }

  private static void fails(AgentClient client, Row row, boolean open) throws IOException {
    AgentReply reply = ask(client, sin(row)).reply();
    assertTrue(
        row.reasons().contains(String.join(",", reply.audit().reasonCodes())), reply.toString());
    assertEquals(
        open ? List.of("wasm-error", "fail-open") : List.of("wasm-error"), reply.audit().tags());
    assertEquals(open, reply.decision().equals(Decision.allow()));
    assertEquals(List.of("good"), goodAnswer(client).audit().tags());
  }

  private static AgentEvent sin(Row row) {
    return switch (row.trigger()) {
      case "-" -> request("/");
      case "long" -> request("/", "x-long", "x".repeat(5_000));
      default -> request(row.trigger());
    };
  }

  private static void failOpen(AgentClient client) throws IOException {
    byte[] config =
        "{\"correlation_id\":\"c\",\"config\":{\"fail-open\":true}}"
            .getBytes(StandardCharsets.UTF_8);
    AgentReply reply = client.ask(EventType.CONFIGURE, config, PATIENCE).reply();
    assertEquals(Decision.allow(), reply.decision());
  }

  /**
   * What shall not end at the deadline has time even on a busy machine. Work that has an end is
   * over in 100 ms on a fast one: its deadline is a short one.
   */
  private static Duration timeout(Row row) {
    if (!row.kind().equals("F") || !row.reasons().contains("timeout")) {
      return PATIENCE;
    }
    return Duration.ofMillis(row.name().contains("straight-line") ? 15 : 120);
  }

  /** The slot may be busy for a moment with coming back, and with its next instance. */
  private static AgentReply goodAnswer(AgentClient client) throws IOException {
    for (int i = 0; i < 20; i++) {
      AgentReply reply = ask(client, request("/")).reply();
      if (Collections.disjoint(reply.audit().reasonCodes(), List.of("overloaded", "timeout"))) {
        return reply;
      }
    }
    return fail("the slot did not come back");
  }

  private static void assertRefused(Row row, ModuleException e) {
    assertTrue(row.kind().contains("L"), "it was refused: " + e.getMessage());
    String message = String.valueOf(e.getMessage());
    if (row.kind().equals("L") && !row.reason().equals("valid")) {
      assertTrue(
          message.toLowerCase(Locale.ROOT).contains(row.reason().toLowerCase(Locale.ROOT)),
          message);
    }
    assertEquals(1, message.lines().count());
  }
}
