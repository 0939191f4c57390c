package io.sentinel.agent.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sentinel.agent.Events;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted of an answer. */
@SuppressWarnings({"deprecation", "removal"}) // the registry that Quarkus has
class ServerMetersTest {

  private static final AgentReply BLOCKED =
      AgentReply.of(new Decision.Block(500, Optional.empty()), Audit.ofTags(List.of("wasm-error")));

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final AgentMetrics metrics = new AgentMetrics(registry, new AgentState());

  private AgentMetrics.Observers observers;

  @BeforeEach
  void register() {
    observers =
        metrics.register(
            new MeteredAgent("p.wasm", "1.2.3", Duration.ofMillis(40), 1_024, 16 << 20));
    metrics.startCounting();
  }

  @Test
  void failuresAreCountedByEventAndThoseLetThroughBeside() {
    AgentEvent request = Events.request("/");
    AgentEvent response = Events.response(200);
    answered(request, BLOCKED, Code.TIMEOUT);
    answered(response, AgentReply.allow(), Code.TIMEOUT);
    answered(response, AgentReply.allow(), Code.OVERLOADED);
    observers.server().answered(request, AgentReply.allow(), decided(), 1);
    Scrape scrape = new Scrape(registry.scrape());
    assertEquals(1, errors(scrape, "timeout", "request_headers"));
    assertEquals(1, errors(scrape, "timeout", "response_headers"));
    assertEquals(1, errors(scrape, "overloaded", "response_headers"));
    assertEquals(0, failedOpen(scrape, "request_headers"));
    assertEquals(2, failedOpen(scrape, "response_headers"));
  }

  @Test
  void unreadableEventsOfEveryKindAreCounted() {
    for (EventType type : EventType.values()) {
      answered(new AgentEvent.Unhandled(type, "c-1"), AgentReply.allow(), Code.BAD_EVENT);
    }
    Scrape scrape = new Scrape(registry.scrape());
    for (EventType type : EventType.values()) {
      assertEquals(1, errors(scrape, "bad-event", type.label()), type.label());
      assertEquals(1, failedOpen(scrape, type.label()), type.label());
    }
  }

  @Test
  void messagesThatArePassedOverAreCounted() {
    observers.server().messageIgnored();
    assertEquals(1, new Scrape(registry.scrape()).value("sentinel_messages_ignored_total"));
  }

  private void answered(AgentEvent event, AgentReply reply, Code code) {
    observers.server().answered(event, reply, Outcome.failed(code, "why"), 1);
  }

  private static Outcome decided() {
    return new Outcome.Decided(AgentReply.allow());
  }

  private static double errors(Scrape scrape, String code, String event) {
    return scrape.value(
        "sentinel_module_errors_total{code=\"%s\",event=\"%s\",module=\"p.wasm\"}"
            .formatted(code, event));
  }

  private static double failedOpen(Scrape scrape, String event) {
    return scrape.value(
        "sentinel_events_failed_open_total{event=\"%s\",module=\"p.wasm\"}".formatted(event));
  }
}
