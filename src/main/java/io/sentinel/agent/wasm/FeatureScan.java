package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CompType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tells from a module itself which features it needs. */
final class FeatureScan {

  /** The prefixes of instructions of two parts. */
  private static final int GC_PREFIX = 0xfb;

  private static final int MISC_PREFIX = 0xfc;
  private static final int SIMD_PREFIX = 0xfd;
  private static final int THREADS_PREFIX = 0xfe;

  /** Below it truncations, from it on operations on ranges of memory and of tables. */
  private static final int FIRST_BULK = 0xfc08;

  private static final int FIRST_OF_TABLES = 0xfc0f;

  /** The type of a block that takes and leaves nothing. */
  private static final long NO_VALUE = 0x40;

  private final TypeSection types;
  private final Set<Feature> found = EnumSet.noneOf(Feature.class);

  private FeatureScan(WasmModule module) {
    this.types = module.typeSection();
  }

  static Set<Feature> of(WasmModule module) {
    FeatureScan scan = new FeatureScan(module);
    scan.types();
    scan.memories(module);
    scan.tables(module.tableSection());
    if (module.tagSection().isPresent()) {
      scan.found.add(Feature.EXCEPTIONS);
    }
    if (module.dataCountSection().isPresent()) {
      scan.found.add(Feature.BULK_MEMORY);
    }
    for (int i = 0; i < module.globalSection().globalCount(); i++) {
      List<Instruction> initial = module.globalSection().getGlobal(i).initInstructions();
      scan.instructions(initial);
      if (initial.size() > 2) { // one constant and the end are what the first version had
        scan.found.add(Feature.EXTENDED_CONST);
      }
    }
    for (FunctionBody body : module.codeSection().functionBodies()) {
      scan.values(body.localTypes());
      scan.instructions(body.instructions());
    }
    return scan.found;
  }

  private void types() {
    for (int i = 0; i < types.subTypeCount(); i++) {
      CompType type = types.getSubType(i).compType();
      FunctionType function = type.funcType();
      if (function == null) {
        found.add(Feature.GC);
      } else {
        values(function.params());
        values(function.returns());
        multiValue(function.returns().size() > 1);
      }
    }
  }

  private void memories(WasmModule module) {
    MemorySection memories = module.memorySection().orElse(null);
    if (memories == null) {
      return;
    }
    if (memories.memoryCount() > 1) {
      found.add(Feature.MULTI_MEMORY);
    }
    for (int i = 0; i < memories.memoryCount(); i++) {
      if (memories.getMemory(i).limits().shared()) {
        found.add(Feature.THREADS);
      }
    }
  }

  /** One table of functions is what the first version had. */
  private void tables(TableSection tables) {
    for (int i = 0; i < tables.tableCount(); i++) {
      ValType type = tables.getTable(i).elementType();
      if (i > 0 || !type.equals(ValType.FuncRef)) {
        found.add(Feature.REFERENCE_TYPES);
        values(List.of(type));
      }
    }
  }

  private void values(List<ValType> values) {
    for (ValType value : values) {
      if (value.equals(ValType.V128)) {
        found.add(Feature.SIMD);
      } else if (value.equals(ValType.FuncRef) || value.equals(ValType.ExternRef)) {
        found.add(Feature.REFERENCE_TYPES);
      } else if (value.equals(ValType.ExnRef)) {
        found.add(Feature.EXCEPTIONS);
      } else if (value.isReference()) {
        found.add(value.typeIdx() >= 0 ? Feature.FUNCTION_REFERENCES : Feature.GC);
      }
    }
  }

  private void instructions(Collection<? extends Instruction> instructions) {
    for (Instruction instruction : instructions) {
      int code = instruction.opcode().opcode();
      if (code > 0xff) {
        prefixed(code);
      } else {
        plain(instruction);
      }
    }
  }

  private void prefixed(int code) {
    switch (code >> 8) {
      case GC_PREFIX -> found.add(Feature.GC);
      case MISC_PREFIX -> {
        if (code < FIRST_BULK) {
          found.add(Feature.SATURATING_TRUNCATION);
        } else {
          found.add(code < FIRST_OF_TABLES ? Feature.BULK_MEMORY : Feature.REFERENCE_TYPES);
        }
      }
      case SIMD_PREFIX -> found.add(Feature.SIMD);
      case THREADS_PREFIX -> found.add(Feature.THREADS);
      default -> {}
    }
  }

  private void plain(Instruction instruction) {
    switch (instruction.opcode()) {
      case BLOCK, LOOP, IF -> block(instruction.operand(0));
      case THROW, THROW_REF, TRY_TABLE -> found.add(Feature.EXCEPTIONS);
      case RETURN_CALL, RETURN_CALL_INDIRECT -> found.add(Feature.TAIL_CALLS);
      case RETURN_CALL_REF -> {
        found.add(Feature.TAIL_CALLS);
        found.add(Feature.FUNCTION_REFERENCES);
      }
      case CALL_REF, REF_AS_NON_NULL, BR_ON_NULL, BR_ON_NON_NULL ->
          found.add(Feature.FUNCTION_REFERENCES);
      case SELECT_T, TABLE_GET, TABLE_SET, REF_NULL, REF_IS_NULL, REF_FUNC ->
          found.add(Feature.REFERENCE_TYPES);
      case REF_EQ -> found.add(Feature.GC);
      case I32_EXTEND_8_S, I32_EXTEND_16_S, I64_EXTEND_8_S, I64_EXTEND_16_S, I64_EXTEND_32_S ->
          found.add(Feature.SIGN_EXTENSION);
      default -> {}
    }
  }

  /** A block's type is nothing, one value, or a function's type with as many as it likes. */
  private void block(long type) {
    if (type != NO_VALUE && !ValType.isValid(type)) {
      FunctionType function = types.getType((int) type);
      multiValue(!function.params().isEmpty() || function.returns().size() > 1);
    }
  }

  private void multiValue(boolean several) {
    if (several) {
      found.add(Feature.MULTI_VALUE);
    }
  }
}
