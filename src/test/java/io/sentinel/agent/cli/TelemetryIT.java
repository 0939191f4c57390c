package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Decision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector is sent. */
class TelemetryIT {

  private static final String TRACES = "/v1/traces";
  private static final String METRICS = "/v1/metrics";
  private static final String SAMPLED = "0af7651916cd43dd8448eb211c80319c";
  private static final String NOT_SAMPLED = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PROXYS_SPAN = "b7ad6b7169203331";

  @TempDir private Path directory;

  @Test
  void proxysTracesGoOnAndMetricsAreSent() throws Exception {
    try (Collector collector = Collector.start()) {
      runWith("--otlp-endpoint", collector.url() + "/");
      assertTrue(collector.has(TRACES, SAMPLED));
      assertTrue(collector.has(TRACES, PROXYS_SPAN));
      assertTrue(collector.hasText(TRACES, "request_headers"));
      assertTrue(collector.hasText(TRACES, "sentinel-wasm-agent"));
      assertFalse(collector.has(TRACES, NOT_SAMPLED));
      assertTrue(collector.hasText(METRICS, "sentinel.events"));
      assertTrue(collector.hasText(METRICS, "sentinel-wasm-agent"));
    }
  }

  @Test
  void collectorIsSentWhatIsAskedForAlone() throws Exception {
    try (Collector collector = Collector.start()) {
      runWith("--otlp-endpoint", collector.url(), "--otlp-signals", "metrics");
      assertFalse(collector.heardOf(TRACES));
      assertTrue(collector.hasText(METRICS, "sentinel.events"));
    }
  }

  /**
   * Nobody listens there: the events are answered all the same, and the agent ends as it should.
   */
  @Test
  void collectorThatIsAwayHoldsUpNothing() throws Exception {
    String output = runWith("--otlp-endpoint", "http://127.0.0.1:" + AdminHttp.freePort());
    assertTrue(output.contains("could not be sent the metrics: "), output);
    assertFalse(output.contains("\tat "), output);
  }

  private String runWith(String... flags) throws Exception {
    Path socket = directory.resolve("a.sock");
    List<String> all =
        new ArrayList<>(List.of("--module", Guests.RUST_POLICY.toString(), "--timeout", "2s"));
    all.addAll(List.of(flags));
    try (AgentProcess agent = AgentProcess.serving(directory, socket, all.toArray(String[]::new))) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        for (String traceparent :
            List.of(
                "00-%s-%s-01".formatted(SAMPLED, PROXYS_SPAN),
                "00-%s-00f067aa0ba902b7-00".formatted(NOT_SAMPLED),
                "no traceparent at all")) {
          Decision decision = ask(client, request(traceparent)).reply().decision();
          assertEquals(Decision.Kind.BLOCK, decision.kind());
        }
      }
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
      return agent.output();
    }
  }

  private static AgentEvent request(String traceparent) {
    return new AgentEvent.RequestHeaders(
        "c-1",
        "GET",
        "/admin",
        "192.0.2.7",
        Optional.of("shop"),
        Optional.of(traceparent),
        List.of());
  }
}
