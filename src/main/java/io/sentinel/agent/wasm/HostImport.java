package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/** A function that modules may import: its two names, its signature, and what it does. */
record HostImport(String module, String name, FunctionType type, Code code) {

  private static final long[] NOTHING = {};

  /**
   * What such a function does. It runs on the guest's stack, however deep that is, and as often as
   * the guest likes: what one call may take has a bound that the guest does not choose.
   */
  @FunctionalInterface
  interface Code {

    /**
     * Runs once.
     *
     * @param memory the memory of the guest that calls
     * @param lines where what it writes is collected
     * @param args as the engine gives them: of an i32 only the lower half has a meaning
     * @return the result, which is ignored if the signature has none
     */
    long run(GuestMemory memory, GuestLines lines, long[] args);
  }

  static HostImport of(
      String module, String name, List<ValType> params, List<ValType> returns, Code code) {
    return new HostImport(module, name, FunctionType.of(params, returns), code);
  }

  /** An i32 that is an address, a length or a count. */
  static long u32(long arg) {
    return arg & 0xffff_ffffL;
  }

  /** "module.name", as it is told to people. */
  String fullName() {
    return module + "." + name;
  }

  /** The function for one instance; in an endless loop of calls it sees the interrupt. */
  ImportFunction bind(int memory, GuestLines lines) {
    boolean returns = !type.returns().isEmpty();
    return new HostFunction(
        module,
        name,
        type,
        (instance, args) -> {
          if (Thread.currentThread().isInterrupted()) {
            throw new ChicoryInterruptedException("interrupted in a call to the host");
          }
          long result = code.run((GuestMemory) instance.memory(memory), lines, args);
          return returns ? new long[] {result} : NOTHING;
        });
  }
}
