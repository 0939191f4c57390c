package io.sentinel.agent.cli;

import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleDescription;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.ModuleInspector;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a module is, and whether it would load. */
@Command(
    name = "inspect",
    description =
        "Says what a module has and needs, and whether it would load. Exit code 0 only if it would.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class InspectCommand implements Callable<Integer> {

  private static final int WOULD_NOT_LOAD = 1;

  /** The agent's own load timeout where nobody says anything. */
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(30);

  @Parameters(paramLabel = "MODULE", description = "the path of a WebAssembly module")
  private Path module = Path.of("");

  @Mixin private LoadOptions options = new LoadOptions();

  @Option(names = "--json", description = "print one object of JSON")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      GuestLimits limits = options.limits();
      ImportPolicy imports = options.imports();
      ModuleDescription description =
          TimeLimit.run(LOAD_TIMEOUT, () -> ModuleInspector.inspect(module, limits, imports));
      if (json) {
        out.println(Json.of(DescriptionJson.of(description)));
      } else {
        DescriptionText.print(module, description, out);
      }
      out.flush();
      return description.problem().isEmpty() ? 0 : WOULD_NOT_LOAD;
    } catch (ModuleException e) {
      return complain(String.valueOf(e.getMessage()));
    } catch (TimeoutException e) {
      return complain("it was not loaded within %d s".formatted(LOAD_TIMEOUT.toSeconds()));
    }
  }

  private int complain(String problem) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sentinel-wasm-agent: the module %s cannot be used: %s".formatted(module, problem));
    err.flush();
    return WOULD_NOT_LOAD;
  }
}
