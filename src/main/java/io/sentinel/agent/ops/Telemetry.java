package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends to OpenTelemetry's collector. Nothing of it is made, and nobody pays for it, until it is
 * asked for.
 */
@ApplicationScoped
public class Telemetry {

  private static final String NAME = "sentinel-wasm-agent";

  private final Instance<OpenTelemetry> openTelemetry;
  private @Nullable OtlpMeterRegistry exporting;

  @Inject
  public Telemetry(Instance<OpenTelemetry> openTelemetry) {
    this.openTelemetry = openTelemetry;
  }

  /** Sends every minute, and at the end, what Prometheus would be shown. */
  public void exportMetrics(String endpoint) {
    OtlpMeterRegistry added = new OtlpMeterRegistry(new Config(endpoint), Clock.SYSTEM);
    Metrics.addRegistry(added);
    exporting = added;
  }

  /** The same observers, with a span for each event of a trace. */
  public AgentMetrics.Observers traced(AgentMetrics.Observers observers, String module) {
    return new AgentMetrics.Observers(
        observers.pool(),
        new TracedEvents(observers.server(), openTelemetry.get().getTracer(NAME), module));
  }

  @PreDestroy
  void close() {
    if (exporting != null) {
      exporting.close();
      Metrics.removeRegistry(exporting);
    }
  }

  private record Config(String endpoint) implements OtlpConfig {

    @Override
    public @Nullable String get(String key) {
      return null; // the defaults, and the variables that OpenTelemetry has
    }

    @Override
    public String url() {
      return endpoint + "/v1/metrics";
    }

    @Override
    public Map<String, String> resourceAttributes() {
      Map<String, String> attributes = new HashMap<>(OtlpConfig.super.resourceAttributes());
      attributes.putIfAbsent("service.name", NAME);
      return attributes;
    }
  }
}
