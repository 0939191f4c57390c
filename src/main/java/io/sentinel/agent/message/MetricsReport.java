package io.sentinel.agent.message;

import java.util.List;
import java.util.Map;

/** The agent's metrics at one moment, for the proxy to pass on. */
public record MetricsReport(
    List<Sample> counters, List<Sample> gauges, List<Histogram> histograms) {

  /** A counter's or a gauge's value. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  /**
   * A histogram.
   *
   * @param buckets by their upper bound; the last one's is infinity
   */
  public record Histogram(
      String name, Map<String, String> labels, double sum, long count, List<Bucket> buckets) {}

  /** How many values were at most {@code le}. */
  public record Bucket(double le, long count) {}
}
