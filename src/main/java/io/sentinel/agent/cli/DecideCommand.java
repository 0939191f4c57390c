package io.sentinel.agent.cli;

import io.sentinel.agent.config.Values;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.WasmEngine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a module on one event, without a socket, and prints what it decides and what it takes. */
@Command(
    name = "decide",
    description = "Runs a module on an event, without an agent, and prints the decision.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class DecideCommand implements Callable<Integer> {

  private static final int NO_DECISION = 1;
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(30);

  @Parameters(paramLabel = "MODULE", description = "the path of a WebAssembly module")
  private Path module = Path.of("");

  @Mixin private EventOptions options = new EventOptions();

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "call N times on one instance after a warm-up, and print how long they take")
  private int repeat;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "for one call (default 1s; the agent's own is 40ms)")
  private String timeout = "";

  @Mixin private LoadOptions loading = new LoadOptions();

  @Option(names = "--json", description = "print one object of JSON")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    AgentEvent event = event();
    Duration limit = timeout();
    if (repeat < 1) {
      throw usage("--repeat is " + repeat + ", and must be 1 or more");
    }
    try {
      CompiledModule compiled = load(loading.limits(), loading.imports());
      Trial.Report report = Trial.run(compiled, LOAD_TIMEOUT, event, limit, repeat);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(Json.of(TrialJson.of(report)));
      } else {
        TrialText.print(report, out);
      }
      out.flush();
      return report.outcome() instanceof Outcome.Decided ? 0 : NO_DECISION;
    } catch (ModuleException e) {
      return complain(String.valueOf(e.getMessage()));
    }
  }

  private CompiledModule load(GuestLimits limits, ImportPolicy imports) {
    try {
      return TimeLimit.run(
          LOAD_TIMEOUT,
          () -> new WasmEngine(limits, WasmEngine.Mode.COMPILED, imports).load(module));
    } catch (TimeoutException e) {
      throw new ModuleException(
          "it was not loaded within %d s".formatted(LOAD_TIMEOUT.toSeconds()), e);
    }
  }

  private AgentEvent event() {
    EventType type = options.type();
    if (type != EventType.REQUEST_HEADERS && type != EventType.RESPONSE_HEADERS) {
      throw usage("modules decide on request_headers and response_headers alone");
    }
    return options.event();
  }

  private Duration timeout() {
    return Values.parseTime(timeout, Duration.ofMillis(1), Duration.ofHours(1))
        .orElseThrow(
            () ->
                usage("--timeout is \"%s\", and must be a time from 1ms to 1h".formatted(timeout)));
  }

  private int complain(String problem) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sentinel-wasm-agent: the module %s cannot be used: %s".formatted(module, problem));
    err.flush();
    return NO_DECISION;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
