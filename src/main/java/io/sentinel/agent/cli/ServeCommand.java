package io.sentinel.agent.cli;

import io.sentinel.agent.config.CommandLineSource;
import io.sentinel.agent.config.Setting;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** Serves: the command without a name. Its options are the settings. */
@Command(
    name = "sentinel-wasm-agent",
    description = "Runs a WebAssembly policy on the requests of a Sentinel or Zentinel proxy.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class ServeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  static OptionSpec option(Setting setting) {
    String note =
        setting
            .defaultText()
            .map(text -> "%s (%s, default %s)".formatted(setting.help(), setting.variable(), text))
            .orElseGet(
                () ->
                    "%s (%s, %s)"
                        .formatted(
                            setting.help(),
                            setting.variable(),
                            setting.isRequired() ? "required" : "optional"));
    OptionSpec.Builder option = OptionSpec.builder(setting.flags().toArray(String[]::new));
    switch (setting.type()) {
      case BOOLEAN -> option.type(boolean.class).arity("0");
      case SWITCH ->
          option
              .type(String.class)
              .arity("0..1")
              .fallbackValue("true")
              .paramLabel(setting.type().label());
      default -> option.type(String.class).arity("1").paramLabel(setting.type().label());
    }
    return option.description(note).build();
  }

  @Override
  public Integer call() {
    Signals.onTermination(() -> Runtime.getRuntime().halt(0)); // nothing has been made yet
    Signals.holdHangUp();
    CommandLineSource.set(flags());
    Exit.afterRunning(AgentApplication.class);
    return 0;
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>();
    for (Setting setting : Setting.values()) {
      OptionSpec option = spec.findOption(setting.flag());
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        flags.put(setting.property(), String.valueOf(option.<Object>getValue()));
      }
    }
    return flags;
  }
}
