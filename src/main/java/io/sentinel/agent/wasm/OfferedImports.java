package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.Import;
import io.sentinel.agent.text.LogText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The one table of what a module may import. Immutable; {@link #functions} makes the functions of
 * one instance.
 */
final class OfferedImports {

  private static final int NAMED = 50;

  /**
   * A module may import one function many times. For each instance the engine compares every name
   * with every other, and sees no interrupt meanwhile.
   */
  private static final int MOST = 1_000;

  private final Map<String, HostImport> byName = new LinkedHashMap<>();

  OfferedImports(List<HostImport> offered) {
    offered.forEach(one -> byName.put(one.fullName(), one));
  }

  static OfferedImports of(ImportPolicy policy) {
    List<HostImport> offered = new ArrayList<>();
    switch (policy) {
      case NONE -> {}
      case WASI -> {
        offered.addAll(WasiImports.all());
        offered.addAll(AbortImport.all());
      }
    }
    return new OfferedImports(offered);
  }

  /** All of them, in an order that people can read. */
  List<HostImport> all() {
    return List.copyOf(byName.values());
  }

  /**
   * Checks what a module imports.
   *
   * @throws ModuleException if some of it is not offered, or not so, with all of that by name; also
   *     if there are too many
   */
  void check(WasmModule module) {
    int count = module.importSection().importCount();
    if (count > MOST) {
      throw new ModuleException("it has %d imports, where %d are the limit".formatted(count, MOST));
    }
    List<String> lacking =
        module.importSection().stream()
            .filter(one -> !isOffered(module, one))
            .map(one -> describe(module, one))
            .toList();
    if (!lacking.isEmpty()) {
      String more = lacking.size() > NAMED ? " and %d more".formatted(lacking.size() - NAMED) : "";
      throw new ModuleException(
          "it imports what is not offered: %s%s; offered is %s"
              .formatted(
                  lacking.stream().limit(NAMED).collect(Collectors.joining(", ")), more, this));
    }
  }

  /** Whether there is a function of that name and signature. */
  boolean isOffered(WasmModule module, Import wanted) {
    HostImport offered = byName.get(wanted.module() + "." + wanted.name());
    return offered != null
        && offered.module().equals(wanted.module())
        && wanted instanceof FunctionImport function
        && module.typeSection().getType(function.typeIndex()).typesMatch(offered.type());
  }

  private String describe(WasmModule module, Import wanted) {
    String name = LogText.of(wanted.module() + "." + wanted.name());
    HostImport offered = byName.get(wanted.module() + "." + wanted.name());
    if (wanted instanceof FunctionImport function && offered != null) {
      return "%s as %s, where it is %s"
          .formatted(
              name,
              GuestAbi.describe(module.typeSection().getType(function.typeIndex())),
              GuestAbi.describe(offered.type()));
    }
    return "%s (%s)".formatted(name, lower(wanted.importType()));
  }

  private static String lower(ExternalType type) {
    return type.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The functions of one instance, whose memory has that index. */
  List<ImportFunction> functions(int memory, GuestLines lines) {
    return byName.values().stream().map(one -> one.bind(memory, lines)).toList();
  }

  /** The names, by module: "env (abort), ..."; or "nothing". */
  @Override
  public String toString() {
    Map<String, String> names =
        byName.values().stream()
            .collect(
                Collectors.groupingBy(
                    HostImport::module,
                    LinkedHashMap::new,
                    Collectors.mapping(HostImport::name, Collectors.joining(" "))));
    return names.isEmpty()
        ? "nothing"
        : names.entrySet().stream()
            .map(one -> "%s (%s)".formatted(one.getKey(), one.getValue()))
            .collect(Collectors.joining(", "));
  }
}
