package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.ipc.http.HttpUrlConnectionSender;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpHttpMetricsSender;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends to OpenTelemetry's collector. Nothing of it is made, and nobody pays for it, until it is
 * asked for.
 */
@ApplicationScoped
public class Telemetry {

  private static final Logger LOG = Logger.getLogger(Telemetry.class);

  private static final OtlpMetricsSender HTTP =
      new OtlpHttpMetricsSender(new HttpUrlConnectionSender());

  private static final String NAME = "sentinel-wasm-agent";

  private final Instance<OpenTelemetry> openTelemetry;

  @Inject
  public Telemetry(Instance<OpenTelemetry> openTelemetry) {
    this.openTelemetry = openTelemetry;
  }

  /**
   * Sends every minute, and at the end, what Prometheus would be shown. Quarkus closes all of
   * Micrometer's registries when it stops.
   */
  public void exportMetrics(String endpoint) {
    Metrics.addRegistry(
        OtlpMeterRegistry.builder(new Config(endpoint)).metricsSender(Telemetry::send).build());
  }

  /** The same observers, with a span for each event of a trace. */
  public AgentMetrics.Observers traced(AgentMetrics.Observers observers, String module) {
    return new AgentMetrics.Observers(
        observers.pool(),
        new TracedEvents(observers.server(), openTelemetry.get().getTracer(NAME), module));
  }

  /** A collector that is away is worth a line a minute, and no stack trace. */
  private static void send(OtlpMetricsSender.Request request) {
    try {
      HTTP.send(request);
    } catch (Exception e) {
      LOG.warnf(
          "The collector at %s could not be sent the metrics: %s",
          request.getAddress(), e.getMessage());
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
