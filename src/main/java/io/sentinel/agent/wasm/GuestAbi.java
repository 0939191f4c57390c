package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType;
import io.sentinel.agent.wasm.ModuleDescription.Presence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * What a module and the agent agree upon: the names and signatures of exports, and what a module
 * may not bring with it. The reference's README gives the same exports.
 */
final class GuestAbi {

  private static final String MEMORY = "memory";
  private static final String ALLOC = "alloc";
  private static final String DEALLOC = "dealloc";
  static final String ON_REQUEST_HEADERS = "on_request_headers";
  static final String ON_RESPONSE_HEADERS = "on_response_headers";

  /** Reactors of WASI have it; it runs once for each instance, before any other call. */
  static final String INITIALIZE = "_initialize";

  private static final FunctionType ALLOC_TYPE = type(List.of(ValType.I32), List.of(ValType.I32));
  private static final FunctionType DEALLOC_TYPE =
      type(List.of(ValType.I32, ValType.I32), List.of());
  private static final FunctionType HANDLER_TYPE =
      type(List.of(ValType.I32, ValType.I32), List.of(ValType.I64));
  private static final FunctionType INITIALIZE_TYPE = type(List.of(), List.of());

  /** What script engines export besides (src/main/engines/shared/engine.h). */
  private static final String LOAD = "load";

  private static final String RUN_PROTECTED = "run_protected";
  private static final FunctionType LOAD_TYPE =
      type(List.of(ValType.I32, ValType.I32), List.of(ValType.I32));
  private static final FunctionType RUN_PROTECTED_TYPE =
      type(List.of(ValType.I32, ValType.I32, ValType.I32), List.of());

  /** Where the exports are found: the memory's index, and the functions' indices. */
  record Exports(
      int memory,
      int alloc,
      int dealloc,
      OptionalInt onRequestHeaders,
      OptionalInt onResponseHeaders,
      OptionalInt initialize) {}

  /** The same of a script engine: what loads the script, and what Lua runs protected calls with. */
  record EngineExports(Exports handlers, int load, OptionalInt runProtected) {}

  private final WasmModule module;
  private final Map<String, Export> exports = new HashMap<>();

  private GuestAbi(WasmModule module) {
    this.module = module;
    for (int i = 0; i < module.exportSection().exportCount(); i++) {
      Export export = module.exportSection().getExport(i);
      exports.put(export.name(), export);
    }
  }

  /**
   * Checks a module against the ABI.
   *
   * @throws ModuleException if an export is missing or of another kind, if it imports what is not
   *     offered, or if it uses what cannot be bounded
   */
  static Exports check(WasmModule module, OfferedImports offered) {
    GuestAbi abi = new GuestAbi(module);
    offered.check(module);
    ForbiddenFeatures.refuse(module);
    return abi.exports();
  }

  /** Finds the exports of a script engine, which is the agent's own. */
  static EngineExports ofEngine(WasmModule module) {
    GuestAbi abi = new GuestAbi(module);
    return new EngineExports(
        abi.exports(),
        abi.required(LOAD, LOAD_TYPE),
        abi.optional(RUN_PROTECTED, RUN_PROTECTED_TYPE));
  }

  private Exports exports() {
    OptionalInt onRequest = optional(ON_REQUEST_HEADERS, HANDLER_TYPE);
    OptionalInt onResponse = optional(ON_RESPONSE_HEADERS, HANDLER_TYPE);
    if (onRequest.isEmpty() && onResponse.isEmpty()) {
      throw new ModuleException(
          "it exports neither %s nor %s".formatted(ON_REQUEST_HEADERS, ON_RESPONSE_HEADERS));
    }
    return new Exports(
        memory(),
        required(ALLOC, ALLOC_TYPE),
        required(DEALLOC, DEALLOC_TYPE),
        onRequest,
        onResponse,
        optional(INITIALIZE, INITIALIZE_TYPE));
  }

  /** Every export that the ABI names, as the module has it. */
  static List<ModuleDescription.Export> describeExports(WasmModule module) {
    GuestAbi abi = new GuestAbi(module);
    boolean handles =
        abi.exports.containsKey(ON_REQUEST_HEADERS) || abi.exports.containsKey(ON_RESPONSE_HEADERS);
    Presence withoutHandler = handles ? Presence.LEFT_OUT : Presence.MISSING;
    return List.of(
        abi.describe(MEMORY, "memory", abi::memory, Presence.MISSING),
        abi.describe(ALLOC, ALLOC_TYPE, Presence.MISSING),
        abi.describe(DEALLOC, DEALLOC_TYPE, Presence.MISSING),
        abi.describe(ON_REQUEST_HEADERS, HANDLER_TYPE, withoutHandler),
        abi.describe(ON_RESPONSE_HEADERS, HANDLER_TYPE, withoutHandler),
        abi.describe(INITIALIZE, INITIALIZE_TYPE, Presence.LEFT_OUT));
  }

  private ModuleDescription.Export describe(String name, FunctionType type, Presence absent) {
    return describe(name, describe(type), () -> required(name, type), absent);
  }

  /** The checks of loading themselves say what is wrong with an export that is there. */
  private ModuleDescription.Export describe(
      String name, String wanted, IntSupplier check, Presence absent) {
    if (!exports.containsKey(name)) {
      return new ModuleDescription.Export(name, wanted, absent, Optional.empty());
    }
    try {
      int _ = check.getAsInt();
      return new ModuleDescription.Export(name, wanted, Presence.FOUND, Optional.empty());
    } catch (ModuleException e) {
      return new ModuleDescription.Export(
          name, wanted, Presence.WRONG, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /** Every import, and whether it is offered. */
  static List<ModuleDescription.Import> describeImports(WasmModule module, OfferedImports offered) {
    return module.importSection().stream()
        .map(
            imported ->
                new ModuleDescription.Import(
                    imported.module(),
                    imported.name(),
                    lower(imported.importType()),
                    offered.isOffered(module, imported)))
        .toList();
  }

  private int memory() {
    Export export = exports.get(MEMORY);
    if (export == null) {
      throw new ModuleException("it does not export its memory as \"" + MEMORY + "\"");
    }
    if (export.exportType() != ExternalType.MEMORY) {
      throw new ModuleException(
          "its export \"%s\" is a %s and no memory".formatted(MEMORY, lower(export.exportType())));
    }
    return export.index();
  }

  private int required(String name, FunctionType type) {
    OptionalInt index = optional(name, type);
    if (index.isEmpty()) {
      throw new ModuleException(
          "it does not export the function %s%s".formatted(name, describe(type)));
    }
    return index.getAsInt();
  }

  private OptionalInt optional(String name, FunctionType type) {
    Export export = exports.get(name);
    if (export == null) {
      return OptionalInt.empty();
    }
    if (export.exportType() != ExternalType.FUNCTION) {
      throw new ModuleException(
          "its export \"%s\" is a %s and no function".formatted(name, lower(export.exportType())));
    }
    FunctionType actual = functionType(name, export.index());
    if (!actual.typesMatch(type)) {
      throw new ModuleException(
          "its function %s is %s, where %s is wanted"
              .formatted(name, describe(actual), describe(type)));
    }
    return OptionalInt.of(export.index());
  }

  /** The parser does not see whether what is exported is there. */
  private FunctionType functionType(String name, int function) {
    TypeSection types = module.typeSection();
    List<FunctionImport> imported =
        module.importSection().stream()
            .filter(FunctionImport.class::isInstance)
            .map(FunctionImport.class::cast)
            .toList();
    int count = imported.size() + module.functionSection().functionCount();
    if (function < 0 || function >= count) {
      throw new ModuleException(
          "it is not a valid module: its export \"%s\" is function %s of %d"
              .formatted(name, Integer.toUnsignedString(function), count));
    }
    return function < imported.size()
        ? types.getType(imported.get(function).typeIndex())
        : module.functionSection().getFunctionType(function - imported.size(), types);
  }

  private static FunctionType type(List<ValType> params, List<ValType> returns) {
    return FunctionType.of(params, returns);
  }

  /** As people write signatures: "(i32, i32) -> (i64)". */
  static String describe(FunctionType type) {
    return "(%s) -> (%s)".formatted(describe(type.params()), describe(type.returns()));
  }

  private static String describe(List<ValType> types) {
    return types.stream().map(GuestAbi::describe).collect(Collectors.joining(", "));
  }

  static String describe(ValType type) {
    if (type.equals(ValType.FuncRef)) {
      return "funcref";
    }
    if (type.equals(ValType.ExternRef)) {
      return "externref";
    }
    return type.toString().toLowerCase(java.util.Locale.ROOT);
  }

  private static String lower(ExternalType type) {
    return type.name().toLowerCase(java.util.Locale.ROOT);
  }
}
