package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.message.MetricsReport.Bucket;
import io.sentinel.agent.message.MetricsReport.Histogram;
import io.sentinel.agent.message.MetricsReport.Sample;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The agent's own metrics, for the peers of version 2, under the names that Prometheus sees. */
@ApplicationScoped
@SuppressWarnings("deprecation") // of this type is Quarkus's registry for Prometheus
public class MetricsReporter {

  private static final String PREFIX = "sentinel.";

  private final PrometheusMeterRegistry registry;

  /**
   * @param registry Prometheus's own: one for all would read from whichever comes first, and OTLP's
   *     buckets do not count what is in those below
   */
  @Inject
  public MetricsReporter(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  public MetricsReport report() {
    List<Sample> counters = new ArrayList<>();
    List<Sample> gauges = new ArrayList<>();
    List<Histogram> histograms = new ArrayList<>();
    for (Meter meter : registry.getMeters()) {
      if (!meter.getId().getName().startsWith(PREFIX)) {
        continue;
      }
      switch (meter) {
        case Counter counter ->
            counters.add(new Sample(name(meter) + "_total", labels(meter), counter.count()));
        case FunctionCounter counter ->
            counters.add(new Sample(name(meter) + "_total", labels(meter), counter.count()));
        case Gauge gauge -> gauges.add(new Sample(name(meter), labels(meter), gauge.value()));
        case Timer timer -> histograms.add(histogram(timer));
        default -> {} // the agent has no meters of other kinds
      }
    }
    return new MetricsReport(counters, gauges, histograms);
  }

  private static Histogram histogram(Timer timer) {
    List<Bucket> buckets = new ArrayList<>();
    for (CountAtBucket bucket : timer.takeSnapshot().histogramCounts()) {
      if (!Double.isInfinite(bucket.bucket())) {
        buckets.add(new Bucket(bucket.bucket(TimeUnit.SECONDS), (long) bucket.count()));
      }
    }
    buckets.add(new Bucket(Double.POSITIVE_INFINITY, timer.count()));
    return new Histogram(
        name(timer) + "_seconds",
        labels(timer),
        timer.totalTime(TimeUnit.SECONDS),
        timer.count(),
        buckets);
  }

  private static String name(Meter meter) {
    return meter.getId().getName().replace('.', '_');
  }

  private static Map<String, String> labels(Meter meter) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (Tag tag : meter.getId().getTags()) {
      labels.put(tag.getKey(), tag.getValue());
    }
    return labels;
  }
}
