package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import io.sentinel.agent.message.EventType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A module that was checked and compiled, or a script with its engine: immutable, shared by all its
 * instances.
 */
public final class CompiledModule {

  private final WasmModule module;
  private final GuestAbi.Exports exports;
  private final Function<Instance, Machine> machines;
  private final List<String> interpreted;
  private final GuestLimits limits;
  private final OfferedImports imports;
  private final @Nullable Script script;
  private final Set<EventType> handled;

  private CompiledModule(
      WasmModule module,
      GuestAbi.Exports exports,
      Function<Instance, Machine> machines,
      List<String> interpreted,
      GuestLimits limits,
      OfferedImports imports,
      @Nullable Script script,
      Set<EventType> handled) {
    this.module = module;
    this.exports = exports;
    this.machines = machines;
    this.interpreted = interpreted;
    this.limits = limits;
    this.imports = imports;
    this.script = script;
    this.handled = handled;
  }

  /**
   * A module with its machine.
   *
   * @param interpreted the functions that could not be compiled
   */
  static CompiledModule of(
      WasmModule module,
      GuestAbi.Exports exports,
      Function<Instance, Machine> machines,
      List<String> interpreted,
      GuestLimits limits,
      OfferedImports imports) {
    Set<EventType> handled = EnumSet.noneOf(EventType.class);
    exports.onRequestHeaders().ifPresent(_ -> handled.add(EventType.REQUEST_HEADERS));
    exports.onResponseHeaders().ifPresent(_ -> handled.add(EventType.RESPONSE_HEADERS));
    return new CompiledModule(
        module, exports, machines, interpreted, limits, imports, null, handled);
  }

  /**
   * A script, which is run once to see what it handles.
   *
   * @throws ModuleException if it cannot be used
   */
  static CompiledModule of(Script script, GuestLimits limits) {
    WasmModule module = script.engine().module();
    GuestAbi.Exports exports = GuestAbi.ofEngine(module).handlers();
    Function<Instance, Machine> machines = script.engine().machines();
    OfferedImports imports = OfferedImports.of(ImportPolicy.WASI); // for the clock, say
    CompiledModule unknown =
        new CompiledModule(module, exports, machines, List.of(), limits, imports, script, Set.of());
    Set<EventType> handled = unknown.start(GuestOutput.NONE).handled();
    if (handled.isEmpty()) {
      throw new ModuleException("it defines neither on_request_headers nor on_response_headers");
    }
    return new CompiledModule(
        module, exports, machines, List.of(), limits, imports, script, handled);
  }

  /** Whether the module has a handler for such events. */
  public boolean handles(EventType type) {
    return handled.contains(type);
  }

  /**
   * The functions that are too large to be compiled, by number and name: the interpreter runs them,
   * some hundred times slower.
   */
  public List<String> interpreted() {
    return interpreted;
  }

  /** Whether this is a script, whose engine the JVM takes longer to warm up for. */
  public boolean isScript() {
    return script != null;
  }

  /**
   * Makes an instance and runs its start function and {@code _initialize}, and the script, if it is
   * one. This may take as long as the module likes: the caller interrupts the thread when it has
   * waited enough.
   *
   * @param output where goes what it writes, now and later
   * @throws ModuleException if no instance can be made
   */
  public Guest instantiate(GuestOutput output) {
    return start(output).guest();
  }

  private record Started(Guest guest, Set<EventType> handled) {}

  private Started start(GuestOutput output) {
    GuestLines lines = new GuestLines(output);
    MemoryBudget budget = new MemoryBudget(limits.memoryBytes());
    GuestTables tables = new GuestTables(limits.tableEntries());
    ScriptHost host = script == null ? null : new ScriptHost(script, lines);
    try {
      Instance instance =
          Instance.builder(module)
              .withMachineFactory(machines)
              .withMemoryFactory(declared -> new GuestMemory(declared, budget))
              .withTableFactory(tables)
              .withImportValues(imports(lines, host))
              .withUnsafeExecutionListener(InterpreterCheck.INSTANCE)
              .withStart(false)
              .build();
      if (exports.initialize().isPresent()) {
        instance.getMachine().call(exports.initialize().getAsInt(), new long[0]);
      }
      Set<EventType> found = host == null ? handled : host.load(instance);
      return new Started(new Guest(instance, tables, budget, exports, limits, lines, host), found);
    } catch (ModuleException e) {
      throw e;
    } catch (Throwable e) { // the engine throws errors too: the stack's end, the heap's end
      throw new ModuleException("it cannot be started: " + WasmEngine.describe(e), e);
    } finally {
      lines.end(Optional.empty());
    }
  }

  private ImportValues imports(GuestLines lines, @Nullable ScriptHost host) {
    List<ImportFunction> functions = new ArrayList<>(imports.functions(exports.memory(), lines));
    if (host != null) {
      functions.addAll(host.functions());
    }
    return ImportValues.builder().withFunctions(functions).build();
  }
}
