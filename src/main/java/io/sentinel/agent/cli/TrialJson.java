package io.sentinel.agent.cli;

import io.sentinel.agent.cli.Trial.Report;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.message.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a module's calls went as one object, for {@code decide --json}. */
final class TrialJson {

  private TrialJson() {}

  static Map<String, Object> of(Report report) {
    Map<String, Object> out = new LinkedHashMap<>();
    switch (report.outcome()) {
      case Outcome.Decided(AgentReply reply) -> put(reply, out);
      case Outcome.Failed(AgentFailure failure) -> {
        out.put("error", failure.code().label());
        out.put("detail", failure.detail());
      }
    }
    out.put("written", report.written());
    out.put("first_call_us", report.firstCall().toNanos() / 1e3);
    out.put("memory_bytes", report.memoryBytes());
    report
        .times()
        .ifPresent(
            times -> {
              out.put("calls", times.calls());
              out.put("warm_up_calls", times.warmUpCalls());
              out.put("p50_us", times.micros(0.5));
              out.put("p90_us", times.micros(0.9));
              out.put("p99_us", times.micros(0.99));
              out.put("p999_us", times.micros(0.999));
              out.put("max_us", times.micros(1));
              out.put("memory_bytes_after", times.memoryBytes());
            });
    return out;
  }

  private static void put(AgentReply reply, Map<String, Object> out) {
    switch (reply.decision()) {
      case Decision.Allow _ -> out.put("decision", "allow");
      case Decision.Block(int status, Optional<String> body, Map<String, String> headers) -> {
        out.put("decision", "block");
        out.put("status", status);
        out.put("body", body);
        out.put("headers", headers);
      }
      case Decision.Redirect(int status, String url) -> {
        out.put("decision", "redirect");
        out.put("status", status);
        out.put("url", url);
      }
      case Decision.Challenge(String type, Map<String, String> params) -> {
        out.put("decision", "challenge");
        out.put("type", type);
        out.put("params", params);
      }
    }
    out.put("request_headers", ops(reply.requestHeaders()));
    out.put("response_headers", ops(reply.responseHeaders()));
    out.put("tags", reply.audit().tags());
  }

  private static List<Map<String, Object>> ops(List<HeaderOp> ops) {
    return ops.stream().map(TrialJson::op).toList();
  }

  private static Map<String, Object> op(HeaderOp op) {
    Map<String, Object> out = new LinkedHashMap<>();
    switch (op) {
      case HeaderOp.Set(String name, String value) -> put(out, "set", name, value);
      case HeaderOp.Add(String name, String value) -> put(out, "add", name, value);
      case HeaderOp.Remove(String name) -> out.put("remove", name);
    }
    return out;
  }

  private static void put(Map<String, Object> out, String kind, String name, String value) {
    out.put(kind, name);
    out.put("value", value);
  }
}
