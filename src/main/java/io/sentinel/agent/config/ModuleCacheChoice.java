package io.sentinel.agent.config;

import io.sentinel.agent.wasm.ModuleCache;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the operator says about where compiled modules are kept. */
public sealed interface ModuleCacheChoice {

  /** A directory of the user's own, where the system has one for caches. */
  record Auto() implements ModuleCacheChoice {}

  /** Nowhere. */
  record None() implements ModuleCacheChoice {}

  /** There. */
  record In(Path directory) implements ModuleCacheChoice {}

  /** Reads the setting; empty if it is none. A directory of such a name is {@code ./none}. */
  static Optional<ModuleCacheChoice> parse(String text) {
    try {
      return Optional.of(
          switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "auto" -> new Auto();
            case "none" -> new None();
            default -> new In(Path.of(text));
          });
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * The place, if there is one.
   *
   * @param environment the process's
   */
  default Optional<ModuleCache.Place> place(Map<String, String> environment) {
    return switch (this) {
      case Auto _ -> own(environment).map(directory -> new ModuleCache.Place(directory, false));
      case None _ -> Optional.empty();
      case In(Path directory) -> Optional.of(new ModuleCache.Place(directory, true));
    };
  }

  /**
   * systemd's CacheDirectory=, or by the XDG Base Directory Specification. A home that is not there
   * (a service's user) is not made.
   */
  private static Optional<Path> own(Map<String, String> environment) {
    return absolute(environment, "CACHE_DIRECTORY")
        // Its own name may be a link of systemd's.
        .map(directory -> directory.resolve("modules"))
        .or(
            () ->
                absolute(environment, "XDG_CACHE_HOME")
                    .map(directory -> directory.resolve("sentinel-wasm-agent")))
        .or(
            () ->
                absolute(environment, "HOME")
                    .filter(Files::isDirectory)
                    .map(home -> home.resolve(".cache/sentinel-wasm-agent")));
  }

  private static Optional<Path> absolute(Map<String, String> environment, String variable) {
    String value = environment.getOrDefault(variable, "");
    int end = variable.equals("CACHE_DIRECTORY") ? value.indexOf(':') : -1; // the first of a list
    try {
      return Optional.of(Path.of(end < 0 ? value : value.substring(0, end)))
          .filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
