package io.sentinel.agent.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What a native executable is to keep for reflection: picocli reads the commands' fields, and
 * signals are had by reflection. The handler's proxy is in {@code META-INF/native-image}, the
 * resources are in application.properties. See docs/native.md.
 */
@RegisterForReflection(
    targets = {
      DecideCommand.class,
      EventOptions.class,
      InspectCommand.class,
      LoadOptions.class,
      SendCommand.class,
      ServeCommand.class,
      Version.class
    },
    classNames = {"picocli.CommandLine$AutoHelpMixin", "sun.misc.Signal", "sun.misc.SignalHandler"})
final class NativeHints {

  private NativeHints() {}
}
