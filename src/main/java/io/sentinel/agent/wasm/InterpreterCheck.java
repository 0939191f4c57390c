package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ExecutionListener;
import com.dylibso.chicory.runtime.MStack;
import com.dylibso.chicory.wasm.types.Instruction;

/**
 * Looks at the interrupt flag where the engine's interpreter does not: at conditional branches and
 * tail calls, of which endless loops can be made too. Functions too large to be compiled run in the
 * interpreter; for compiled ones this is never called.
 */
final class InterruptCheck implements ExecutionListener {

  static final InterruptCheck INSTANCE = new InterruptCheck();

  private InterruptCheck() {}

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
      default -> {}
    }
  }
}
