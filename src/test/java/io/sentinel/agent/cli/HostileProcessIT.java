package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.HostileModules;
import io.sentinel.agent.HostileModules.Row;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every hostile module in a process of its own with a heap of 256 MiB, as an operator would run it,
 * with both failure policies, switched by a configure event; each sin is followed by a good
 * request. Prints how much later than the deadline the answers came, and how soon a good one was
 * back. Takes a quarter of an hour: runs with -Phostile alone. {@code -Dhostile.rows=REGEX} chooses
 * modules, {@code -Dhostile.sins=N} says how often each sins under each policy, and {@code
 * -Dhostile.heap=SIZE} gives it another heap.
 */
@Tag("hostile")
@Timeout(value = 1, unit = TimeUnit.HOURS) // with many sins
class HostileProcessIT {

  private static final int SINS_PER_POLICY = Integer.getInteger("hostile.sins", 10);
  private static final Pattern ROWS = Pattern.compile(System.getProperty("hostile.rows", ""));
  private static final Duration TIMEOUT = Duration.ofMillis(40);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Map<String, String> SMALL_HEAP =
      Map.of("JAVA_OPTS", "-Xmx" + System.getProperty("hostile.heap", "256m"));

  private static final List<Double> LATENESS = Collections.synchronizedList(new ArrayList<>());
  private static final List<Double> BACK = Collections.synchronizedList(new ArrayList<>());

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> modules() {
    return HostileModules.rows().stream()
        .filter(row -> ROWS.matcher(row.name()).find())
        .map(row -> dynamicTest(row.name(), () -> run(row)));
  }

  @AfterAll
  static void report() {
    report("answers after the deadline, ms", LATENESS);
    report("good answers after a timeout, ms", BACK);
  }

  private static void report(String what, List<Double> values) {
    Collections.sort(values);
    if (!values.isEmpty()) {
      System.out.printf(
          "%s: n %d, p50 %.1f, p90 %.1f, p99 %.1f, max %.1f%n",
          what,
          values.size(),
          values.get(values.size() / 2),
          values.get(values.size() * 9 / 10),
          values.get(values.size() * 99 / 100),
          values.getLast());
    }
  }

  private void run(Row row) throws Exception {
    Path socket = directory.resolve("a.sock");
    int port = AdminHttp.freePort();
    try (AgentProcess agent =
        AgentProcess.start(
            directory,
            SMALL_HEAP,
            "--module",
            row.file().toString(),
            "--socket",
            socket.toString(),
            "--pool-size",
            "1",
            "--load-timeout",
            row.kind().equals("OK") ? "10s" : "5s", // the bars for loading, and for giving it up
            "--admin-port",
            Integer.toString(port))) {
      if (!agent.servesOrEnds()) {
        Ended ended = agent.awaitEnd();
        assertTrue(row.kind().contains("L"), "it was refused: " + ended.output());
        assertEquals(1, ended.exitCode());
        return;
      }
      assertNotEquals("L", row.kind(), "it was not refused");
      try (AgentClient client = AgentClient.connect(socket, Speech.V2_JSON)) {
        for (boolean open : new boolean[] {false, true}) {
          configure(client, open);
          for (int i = 0; i < SINS_PER_POLICY; i++) {
            sin(client, row, open);
          }
        }
      }
      String metrics = AdminHttp.get(port, "/q/metrics");
      assertTrue(
          metrics.matches("(?s).*sentinel_threads_stuck_total\\{[^}]*} 0\\.0\\n.*"), row.name());
      agent.terminate();
      Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode(), ended.output());
      assertFalse(ended.output().contains("OutOfMemoryError"), ended.output());
    }
  }

  private static void sin(AgentClient client, Row row, boolean open) throws IOException {
    Answer answer = ask(client, sinOf(row));
    AgentReply reply = answer.reply();
    if (!row.kind().equals("F")) {
      assertEquals(Decision.allow(), reply.decision(), reply.toString());
      return;
    }
    assertTrue(
        row.reasons().contains(String.join(",", reply.audit().reasonCodes())), reply.toString());
    assertEquals(
        open ? List.of("wasm-error", "fail-open") : List.of("wasm-error"), reply.audit().tags());
    assertEquals(open, reply.decision().equals(Decision.allow()));
    boolean late = reply.audit().reasonCodes().contains("timeout");
    if (late) {
      LATENESS.add(millis(answer.took().minus(TIMEOUT)));
    }
    long began = System.nanoTime();
    AgentReply good = ask(client, request("/")).reply();
    while (!Collections.disjoint(good.audit().reasonCodes(), List.of("overloaded", "timeout"))) {
      good = ask(client, request("/")).reply();
      assertTrue(System.nanoTime() - began < PATIENCE.toNanos(), "the slot did not come back");
    }
    assertEquals(List.of("good"), good.audit().tags());
    if (late) {
      BACK.add(millis(Duration.ofNanos(System.nanoTime() - began)));
    }
  }

  private static AgentEvent sinOf(Row row) {
    return switch (row.trigger()) {
      case "-" -> request("/");
      case "long" -> request("/", "x-long", "x".repeat(5_000));
      default -> request(row.trigger());
    };
  }

  private static void configure(AgentClient client, boolean open) throws IOException {
    byte[] config =
        "{\"correlation_id\":\"c\",\"config\":{\"fail-open\":%s}}"
            .formatted(open)
            .getBytes(StandardCharsets.UTF_8);
    AgentReply reply = client.ask(EventType.CONFIGURE, config, PATIENCE).reply();
    assertEquals(Decision.allow(), reply.decision());
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}
