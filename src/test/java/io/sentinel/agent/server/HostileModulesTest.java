package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.WasmEngine;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every hostile module (src/test/resources/hostile, listed with what must happen in index.tsv) on a
 * real socket: refused by name, or answered by the failure policy at its deadline and followed by a
 * good answer from the next instance.
 */
class HostileModulesTest {

  private static final Path FOLDER = Path.of("src/test/resources/hostile");

  /** Imports of WASI and AssemblyScript are not offered yet: these are refused for that. */
  private static final List<String> FOR_LATER = List.of("import-", "loop-in-initialize-after");

  /** One line of the list. */
  record Row(String file, String kind, String reason, String trigger) {
    @Override
    public String toString() {
      return file;
    }
  }

  static Stream<Row> rows() throws IOException {
    return Files.readAllLines(FOLDER.resolve("index.tsv")).stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .map(cells -> new Row(cells[0], cells[2], cells[3], cells[4]))
        .filter(row -> FOR_LATER.stream().noneMatch(row.file()::startsWith));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void moduleIsKeptFromDoingHarm(Row row) throws IOException {
    TestAgent agent;
    try {
      CompiledModule module =
          new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED)
              .load(FOLDER.resolve(row.file()));
      agent = TestAgent.start(TestAgent.Options.of(module).poolSize(1).timeout(timeout(row)));
    } catch (ModuleException e) {
      assertRefused(row, e);
      return;
    } catch (java.util.concurrent.CompletionException e) {
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
      assertTrue(!row.kind().equals("L"), "it was not refused");
      AgentReply sin =
          switch (row.trigger()) {
            case "-" -> ask(client, request("/")).reply();
            case "long" -> ask(client, request("/", "x-long", "x".repeat(5_000))).reply();
            default -> ask(client, request(row.trigger())).reply();
          };
      if (row.kind().equals("F")) {
        assertTrue(
            Arrays.asList(row.reason().split("\\|"))
                .contains(String.join(",", sin.audit().reasonCodes())),
            sin.toString());
        assertEquals(List.of("wasm-error"), sin.audit().tags());
        AgentReply good = goodAnswer(client);
        assertEquals(List.of("good"), good.audit().tags());
      } else {
        assertEquals(Decision.allow(), sin.decision(), sin.toString());
        if (row.kind().equals("OK") && !row.reason().equals("allow")) {
          assertEquals(row.reason(), String.join(",", sin.audit().tags().subList(0, 1)));
        }
      }
      assertEquals(0, agent.stuckThreads());
    }
  }

  /** Work that has an end is over in 100 ms on a fast machine: its deadline is a short one. */
  private static Duration timeout(Row row) {
    return Duration.ofMillis(row.file().contains("straight-line") ? 15 : 120);
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
