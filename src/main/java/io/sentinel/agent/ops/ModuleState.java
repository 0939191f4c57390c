package io.sentinel.agent.ops;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * How it is with the module.
 *
 * @param since when the module that is served was loaded
 * @param problem why what its file holds now is not what is served; empty if it is
 * @param reloads that were served
 * @param failures reloads that could not be
 */
record ModuleState(
    Path file, Instant since, Optional<String> problem, long reloads, long failures) {

  static ModuleState loaded(Path file) {
    return new ModuleState(file, Instant.now(), Optional.empty(), 0, 0);
  }

  ModuleState reloaded() {
    return new ModuleState(file, Instant.now(), Optional.empty(), reloads + 1, failures);
  }

  ModuleState failed(String why) {
    return new ModuleState(file, since, Optional.of(why), reloads, failures + 1);
  }
}
