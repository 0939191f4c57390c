package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import io.sentinel.agent.message.EventType;
import java.util.function.Function;

/** A module that was checked and compiled: immutable, shared by all its instances. */
public final class CompiledModule {

  private final WasmModule module;
  private final GuestAbi.Exports exports;
  private final Function<Instance, Machine> machines;
  private final GuestLimits limits;
  private final OfferedImports imports;

  CompiledModule(
      WasmModule module,
      GuestAbi.Exports exports,
      Function<Instance, Machine> machines,
      GuestLimits limits,
      OfferedImports imports) {
    this.module = module;
    this.exports = exports;
    this.machines = machines;
    this.limits = limits;
    this.imports = imports;
  }

  /** Whether the module has a handler for such events. */
  public boolean handles(EventType type) {
    return switch (type) {
      case REQUEST_HEADERS -> exports.onRequestHeaders().isPresent();
      case RESPONSE_HEADERS -> exports.onResponseHeaders().isPresent();
      case CONFIGURE,
          REQUEST_BODY_CHUNK,
          RESPONSE_BODY_CHUNK,
          REQUEST_COMPLETE,
          WEBSOCKET_FRAME,
          GUARDRAIL_INSPECT ->
          false;
    };
  }

  /**
   * Makes an instance and runs its start function and {@code _initialize}. This may take as long as
   * the module likes: the caller interrupts the thread when it has waited enough.
   *
   * @param output where goes what it writes, now and later
   * @throws ModuleException if no instance can be made
   */
  public Guest instantiate(GuestOutput output) {
    GuestLines lines = new GuestLines(output);
    MemoryBudget budget = new MemoryBudget(limits.memoryBytes());
    GuestTables tables = new GuestTables(limits.tableEntries());
    try {
      Instance instance =
          Instance.builder(module)
              .withMachineFactory(machines)
              .withMemoryFactory(declared -> new GuestMemory(declared, budget))
              .withTableFactory(tables)
              .withImportValues(imports.bind(exports.memory(), lines))
              .withUnsafeExecutionListener(InterpreterCheck.INSTANCE)
              .withStart(false)
              .build();
      if (exports.initialize().isPresent()) {
        instance.getMachine().call(exports.initialize().getAsInt(), new long[0]);
      }
      return new Guest(instance, tables, exports, limits, lines);
    } catch (ModuleException e) {
      throw e;
    } catch (Throwable e) { // the engine throws errors too: the stack's end, the heap's end
      throw new ModuleException("it cannot be started: " + WasmEngine.describe(e), e);
    } finally {
      lines.end("");
    }
  }
}
