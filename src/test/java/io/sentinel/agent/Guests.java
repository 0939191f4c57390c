package io.sentinel.agent;

import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.WasmEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The modules of the tests, compiled once for all of them. */
public final class Guests {

  /** Does what its input tells it (src/test/guests/puppet). */
  public static final Path PUPPET = Path.of("src/test/resources/guests/puppet.wasm");

  /** Says whether it is as it was after its start, and changes all it can. */
  public static final Path CHANGES_EVERYTHING =
      Path.of("src/test/resources/guests/changes-everything.wasm");

  public static final Path RUST_POLICY = Path.of("examples/rust-policy/policy.wasm");
  public static final Path MINIMAL = Path.of("examples/minimal-wat/minimal.wasm");

  /** Traps at every event, and in its start while the clock's second is odd. */
  public static final Path FAILS_IN_ODD_SECONDS =
      Path.of("src/test/resources/guests/fails-in-odd-seconds.wasm");

  /** Takes a second to start. */
  public static final Path SLOW_START = Path.of("src/test/resources/guests/slow-start.wasm");

  /** Fail as programs in their language do (src/test/guests/languages). */
  public static final Path C_MISDEEDS = Path.of("src/test/resources/guests/languages-c.wasm");

  public static final Path ASSEMBLYSCRIPT_MISDEEDS =
      Path.of("src/test/resources/guests/languages-assemblyscript.wasm");

  public static final Path GO_MISDEEDS = Path.of("src/test/resources/guests/languages-go.wasm");

  private static final Map<Path, CompiledModule> COMPILED = new ConcurrentHashMap<>();

  private Guests() {}

  public static CompiledModule compiled(Path module) {
    return COMPILED.computeIfAbsent(
        module, m -> engine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED).load(m));
  }

  /** An engine that offers all imports. */
  public static WasmEngine engine(GuestLimits limits, WasmEngine.Mode mode) {
    return new WasmEngine(limits, mode, ImportPolicy.WASI);
  }

  /** One of the examples; the profile {@code examples} has the tests look at those just built. */
  public static Path example(String module) {
    Path built = Path.of(System.getProperty("examples.directory", "examples")).resolve(module);
    return Files.exists(built) ? built : Path.of("examples").resolve(module);
  }

  /** One of those in src/test/resources/guests. */
  public static Path guest(String name) {
    return Path.of("src/test/resources/guests").resolve(name + ".wasm");
  }

  public static Path hostile(String name) {
    return Path.of("src/test/resources/hostile").resolve(name + ".wasm");
  }
}
