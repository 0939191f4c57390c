package io.sentinel.agent.config;

import java.util.Optional;

/**
 * What OpenTelemetry's collector is sent.
 *
 * @param endpoint the collector's URL, without a slash at its end; empty for no collector
 */
public record OtlpSettings(Optional<String> endpoint, Signals signals) {

  /** The kinds of telemetry. */
  public enum Signals {
    ALL("all"),
    TRACES("traces"),
    METRICS("metrics");

    private final String label;

    Signals(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /** Whether events continue the proxy's traces. */
  public boolean sendsTraces() {
    return endpoint.isPresent() && signals != Signals.METRICS;
  }

  /** Whether metrics are sent, beside being there for Prometheus. */
  public boolean sendsMetrics() {
    return endpoint.isPresent() && signals != Signals.TRACES;
  }
}
