package io.sentinel.agent.cli;

import io.sentinel.agent.config.Setting;
import io.sentinel.agent.config.Values;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import java.util.Arrays;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The agent's settings that say which modules load, for commands that run one without it. */
final class LoadOptions {

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      defaultValue = "16MiB",
      description = "of one instance, as the agent's (default 16MiB)")
  private String memoryLimit = "";

  @Option(
      names = "--allow-imports",
      paramLabel = "WHAT",
      defaultValue = "wasi",
      description = "none or wasi, as the agent's (default wasi)")
  private String allowImports = "";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  GuestLimits limits() {
    return GuestLimits.DEFAULT.withMemoryBytes(
        (int)
            Values.parseSize(
                    memoryLimit, GuestLimits.MIN_MEMORY_BYTES, GuestLimits.MAX_MEMORY_BYTES)
                .orElseThrow(() -> wrong(Setting.MEMORY_LIMIT, memoryLimit)));
  }

  ImportPolicy imports() {
    return Arrays.stream(ImportPolicy.values())
        .filter(policy -> policy.label().equalsIgnoreCase(allowImports))
        .findFirst()
        .orElseThrow(() -> wrong(Setting.ALLOW_IMPORTS, allowImports));
  }

  private ParameterException wrong(Setting setting, String value) {
    return new ParameterException(
        spec.commandLine(),
        "%s is \"%s\", and must be %s".formatted(setting.flag(), value, setting.allowed()));
  }
}
