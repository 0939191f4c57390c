package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.Table;
import io.sentinel.agent.wasm.ModuleDescription.Compiled;
import io.sentinel.agent.wasm.ModuleDescription.Memory;
import io.sentinel.agent.wasm.ModuleDescription.Parts;
import io.sentinel.agent.wasm.ModuleDescription.Started;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Loads a module as the agent would, and writes down what it sees on the way. One use. */
public final class ModuleInspector {

  private final WasmEngine engine;
  private final GuestLimits limits;
  private final OfferedImports imports;
  private Optional<Parts> parts = Optional.empty();
  private Optional<Compiled> compiled = Optional.empty();
  private Optional<Started> started = Optional.empty();
  private Set<Feature> features = EnumSet.noneOf(Feature.class);

  private ModuleInspector(GuestLimits limits, ImportPolicy policy) {
    this.limits = limits;
    this.imports = OfferedImports.of(policy);
    this.engine = new WasmEngine(limits, WasmEngine.Mode.COMPILED, policy);
  }

  /**
   * Describes a module, which includes making an instance of it: that takes as long as the module
   * likes, and ends when the thread is interrupted.
   *
   * @throws ModuleException if the file cannot be read, or is no module at all
   */
  public static ModuleDescription inspect(Path file, GuestLimits limits, ImportPolicy imports) {
    ModuleInspector inspector = new ModuleInspector(limits, imports);
    if (ScriptEngine.of(file).isPresent()) {
      throw new ModuleException("it is a script: decide shows whether it loads, and what it does");
    }
    byte[] bytes = inspector.engine.read(file);
    WasmEngine.checkMagic(bytes);
    return inspector.inspect(bytes);
  }

  private ModuleDescription inspect(byte[] bytes) {
    RawModule raw = RawModule.of(bytes);
    features.addAll(raw.features());
    Optional<String> problem = Optional.empty();
    try {
      load(bytes);
    } catch (ModuleException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    return new ModuleDescription(
        bytes.length,
        raw.producers(),
        parts,
        features,
        compiled,
        started,
        problem,
        parts
            .map(found -> ReferenceRules.judge(found, features))
            .orElseGet(ReferenceRules::unreadable));
  }

  private void load(byte[] bytes) {
    WasmModule module = engine.parse(bytes);
    parts = Optional.of(parts(module));
    features = FeatureScan.of(module);
    GuestAbi.Exports exports = engine.check(module);
    long begun = System.nanoTime();
    Compilation compilation = WasmEngine.compile(module);
    compiled = Optional.of(new Compiled(since(begun), compilation.interpreted()));
    begun = System.nanoTime();
    Guest guest =
        CompiledModule.of(
                module,
                exports,
                compilation.machines(module),
                compilation.interpreted(),
                limits,
                imports)
            .instantiate(GuestOutput.NONE);
    started = Optional.of(new Started(since(begun), guest.memoryBytes()));
  }

  private Parts parts(WasmModule module) {
    return new Parts(
        module.functionSection().functionCount(),
        GuestAbi.describeExports(module),
        GuestAbi.describeImports(module, imports),
        module.memorySection().map(ModuleInspector::memories).orElse(List.of()),
        tables(module),
        module.startSection().isPresent());
  }

  private static List<Memory> memories(MemorySection section) {
    List<Memory> memories = new ArrayList<>();
    for (int i = 0; i < section.memoryCount(); i++) {
      MemoryLimits limits = section.getMemory(i).limits();
      int maximum = limits.maximumPages();
      memories.add(
          new Memory(
              limits.initialPages(),
              maximum < MemoryLimits.MAX_PAGES ? OptionalLong.of(maximum) : OptionalLong.empty(),
              limits.shared()));
    }
    return memories;
  }

  private static List<ModuleDescription.Table> tables(WasmModule module) {
    List<ModuleDescription.Table> tables = new ArrayList<>();
    for (int i = 0; i < module.tableSection().tableCount(); i++) {
      Table table = module.tableSection().getTable(i);
      long maximum = table.limits().max();
      tables.add(
          new ModuleDescription.Table(
              GuestAbi.describe(table.elementType()),
              table.limits().min(),
              maximum < com.dylibso.chicory.wasm.types.TableLimits.LIMIT_MAX
                  ? OptionalLong.of(maximum)
                  : OptionalLong.empty()));
    }
    return tables;
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }
}
