package io.sentinel.agent;

import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.WasmEngine;
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

  private static final Map<Path, CompiledModule> COMPILED = new ConcurrentHashMap<>();

  private Guests() {}

  public static CompiledModule compiled(Path module) {
    return COMPILED.computeIfAbsent(
        module, m -> new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED).load(m));
  }

  public static Path hostile(String name) {
    return Path.of("src/test/resources/hostile").resolve(name + ".wasm");
  }
}
