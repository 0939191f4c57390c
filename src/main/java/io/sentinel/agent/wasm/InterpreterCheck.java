package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ExecutionListener;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.Instruction;

/**
 * Does what the engine's interpreter does not: looks at the interrupt flag at conditional branches
 * and tail calls, of which endless loops can be made too, and at the addresses of some stores,
 * which would wrap around where they must trap. Functions too large to be compiled run in the
 * interpreter; for compiled ones this is never called.
 */
final class InterpreterCheck implements ExecutionListener {

  static final InterpreterCheck INSTANCE = new InterpreterCheck();

  private InterpreterCheck() {}

  @Override
  public void onExecution(Instruction instruction, MStack stack) {
    switch (instruction.opcode()) {
      case BR_IF,
          BR_TABLE,
          BR_ON_NULL,
          BR_ON_NON_NULL,
          BR_ON_CAST,
          BR_ON_CAST_FAIL,
          RETURN_CALL,
          RETURN_CALL_INDIRECT,
          RETURN_CALL_REF -> {
        if (Thread.currentThread().isInterrupted()) {
          throw new ChicoryInterruptedException("interrupted in the interpreter");
        }
      }
      case I32_STORE8, I64_STORE8, I64_STORE32 -> {
        // The address lies below the value; no memory here reaches the half that is negative.
        if ((int) stack.array()[stack.size() - 2] < 0) {
          throw new WasmRuntimeException("out of bounds memory access");
        }
      }
      default -> {}
    }
  }
}
