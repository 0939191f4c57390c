package io.sentinel.agent.cli;

import io.sentinel.agent.cli.Trial.Report;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.text.LogText;
import java.io.PrintWriter;

/** Prints how a module's calls went for a person. */
final class TrialText {

  private TrialText() {}

  static void print(Report report, PrintWriter out) {
    switch (report.outcome()) {
      case Outcome.Decided(AgentReply reply) -> AnswerText.print(reply, out);
      case Outcome.Failed(AgentFailure failure) ->
          out.println(
              "module error: %s: %s"
                  .formatted(failure.code().label(), LogText.of(failure.detail())));
    }
    report.written().forEach(line -> out.println("wrote: " + LogText.of(line)));
    out.printf(
        "first call %,.1f µs, with %,d KiB of memory after it%n",
        report.firstCall().toNanos() / 1e3, report.memoryBytes() / 1024);
    report.times().ifPresent(times -> print(times, out));
  }

  private static void print(CallTimes times, PrintWriter out) {
    out.printf(
        "%,d calls after %,d to warm up: half within %,.1f µs, 90 %% %,.1f, 99 %% %,.1f,"
            + " 99.9 %% %,.1f, all %,.1f; %,d KiB of memory after them%n",
        times.calls(),
        times.warmUpCalls(),
        times.micros(0.5),
        times.micros(0.9),
        times.micros(0.99),
        times.micros(0.999),
        times.micros(1),
        times.memoryBytes() / 1024);
  }
}
