package io.sentinel.agent.wire.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sentinel.agent.message.Health;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.message.MetricsReport.Bucket;
import io.sentinel.agent.message.MetricsReport.Histogram;
import io.sentinel.agent.message.MetricsReport.Sample;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.FlowControl;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Writes what the agent sends by itself (protocol.md, sections 3.1 and 6). */
final class ReportWriter {

  private ReportWriter() {}

  static void write(Health health, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("agent_id", Capabilities.AGENT_ID);
    out.writeNumberField("state", health.state().number());
    out.writeObjectFieldStart("load");
    out.writeNumberField("in_flight", health.inFlight());
    out.writeNumberField("queue_depth", health.waiting());
    out.writeEndObject();
    out.writeNumberField("timestamp_ms", System.currentTimeMillis());
    out.writeEndObject();
  }

  static void write(FlowControl flowControl, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("action", flowControl.number());
    out.writeEndObject();
  }

  static void write(MetricsReport report, Duration interval, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("agent_id", Capabilities.AGENT_ID);
    out.writeNumberField("timestamp_ms", System.currentTimeMillis());
    out.writeNumberField("interval_ms", interval.toMillis());
    out.writeArrayFieldStart("counters");
    for (Sample counter : report.counters()) {
      named(counter.name(), counter.labels(), out);
      out.writeNumberField("value", (long) counter.value());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("gauges");
    for (Sample gauge : report.gauges()) {
      named(gauge.name(), gauge.labels(), out);
      out.writeNumberField("value", gauge.value());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("histograms");
    for (Histogram histogram : report.histograms()) {
      named(histogram.name(), histogram.labels(), out);
      out.writeNumberField("sum", histogram.sum());
      out.writeNumberField("count", histogram.count());
      buckets(histogram.buckets(), out);
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void named(String name, Map<String, String> labels, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", name);
    out.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : labels.entrySet()) {
      out.writeStringField(label.getKey(), label.getValue());
    }
    out.writeEndObject();
  }

  /** The last bucket's bound is the text "+Inf", which JSON has no number for. */
  private static void buckets(List<Bucket> buckets, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("buckets");
    for (Bucket bucket : buckets) {
      out.writeStartObject();
      if (Double.isInfinite(bucket.le())) {
        out.writeStringField("le", "+Inf");
      } else {
        out.writeNumberField("le", bucket.le());
      }
      out.writeNumberField("count", bucket.count());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
