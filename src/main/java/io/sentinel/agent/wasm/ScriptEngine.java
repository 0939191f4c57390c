package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.sentinel.agent.wasm.engine.LuaMachine;
import io.sentinel.agent.wasm.engine.QuickJsMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engines that run scripts. They are modules, too (src/main/engines), which the build has
 * translated to classes.
 */
@SuppressWarnings("ImmutableEnumChecker") // what is parsed once stays the same
enum ScriptEngine {
  JAVASCRIPT(".js", "engine/QuickJs.meta", QuickJsMachine::new),
  LUA(".lua", "engine/Lua.meta", LuaMachine::new);

  private final String suffix;
  private final String resource;
  private final Function<Instance, Machine> machines;
  private @Nullable WasmModule module;

  ScriptEngine(String suffix, String resource, Function<Instance, Machine> machines) {
    this.suffix = suffix;
    this.resource = resource;
    this.machines = machines;
  }

  /** The engine for a file, by the end of its name; empty if the file is no script. */
  static Optional<ScriptEngine> of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(engine -> name.endsWith(engine.suffix)).findFirst();
  }

  Function<Instance, Machine> machines() {
    return machines;
  }

  /** The module, without the code of its functions. */
  synchronized WasmModule module() {
    WasmModule parsed = module;
    if (parsed == null) {
      if (this == JAVASCRIPT) {
        CompilerDirectives.apply();
      }
      parsed = parse();
      module = parsed;
    }
    return parsed;
  }

  private WasmModule parse() {
    try (InputStream in = ScriptEngine.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the agent was built without " + resource);
      }
      return Parser.parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
