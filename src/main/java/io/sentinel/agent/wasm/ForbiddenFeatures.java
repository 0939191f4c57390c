package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CompType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/**
 * What a module may not use, because no limit would hold it: threads, and whatever puts objects on
 * the host's heap, which the engine keeps until the call ends and longer. See "Why are
 * garbage-collected types and shared memories refused?" in RATIONALE.md.
 */
final class ForbiddenFeatures {

  private ForbiddenFeatures() {}

  /**
   * Looks for them.
   *
   * @throws ModuleException if the module uses one
   */
  static void refuse(WasmModule module) {
    refuseCollectedTypes(module.typeSection());
    refuseSharedMemories(module);
    refuseTablesOfObjects(module);
    refuseBoxedIntegers(module);
  }

  private static void refuseCollectedTypes(TypeSection types) {
    for (int i = 0; i < types.subTypeCount(); i++) {
      CompType type = types.getSubType(i).compType();
      if (type.structType() != null || type.arrayType() != null) {
        throw new ModuleException(
            "its type %d is a %s: garbage-collected types are not supported"
                .formatted(i, type.structType() != null ? "struct" : "array"));
      }
    }
  }

  private static void refuseSharedMemories(WasmModule module) {
    MemorySection memories = module.memorySection().orElse(null);
    if (memories == null) {
      return;
    }
    for (int i = 0; i < memories.memoryCount(); i++) {
      if (memories.getMemory(i).limits().shared()) {
        throw new ModuleException(
            "its memory %d is shared: threads are not supported".formatted(i));
      }
    }
  }

  private static void refuseTablesOfObjects(WasmModule module) {
    for (int i = 0; i < module.tableSection().tableCount(); i++) {
      ValType type = module.tableSection().getTable(i).elementType();
      if (!type.equals(ValType.FuncRef) && !type.equals(ValType.ExternRef)) {
        throw new ModuleException(
            ("its table %d holds references to collected objects (i31 and the like): only functions"
                    + " and external references are supported")
                .formatted(i));
      }
    }
  }

  /** Without struct and array types, {@code ref.i31} is the one instruction that makes objects. */
  private static void refuseBoxedIntegers(WasmModule module) {
    for (int i = 0; i < module.globalSection().globalCount(); i++) {
      if (makesObject(module.globalSection().getGlobal(i).initInstructions())) {
        throw new ModuleException("its global %d is an i31: %s".formatted(i, NO_I31));
      }
    }
    FunctionBody[] functions = module.codeSection().functionBodies();
    for (int i = 0; i < functions.length; i++) {
      if (makesObject(functions[i].instructions())) {
        throw new ModuleException("its function body %d uses ref.i31: %s".formatted(i, NO_I31));
      }
    }
  }

  private static final String NO_I31 = "garbage-collected types are not supported";

  private static boolean makesObject(List<? extends Instruction> instructions) {
    for (int i = 0; i < instructions.size(); i++) {
      if (instructions.get(i).opcode() == OpCode.REF_I31) {
        return true;
      }
    }
    return false;
  }
}
