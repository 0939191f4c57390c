package io.sentinel.agent.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.sentinel.agent.config.Setting;
import picocli.CommandLine;

/**
 * Where the process begins. The command line is read before Quarkus starts: only serving starts it,
 * and the other commands open no port.
 */
@QuarkusMain
public final class Main {

  private Main() {}

  public static void main(String... args) {
    int exitCode = commandLine().execute(args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new ServeCommand());
    for (Setting setting : Setting.values()) {
      line.getCommandSpec().addOption(ServeCommand.option(setting));
    }
    line.addSubcommand(new SendCommand());
    line.addSubcommand(new InspectCommand());
    line.addSubcommand(new DecideCommand());
    return line;
  }
}
