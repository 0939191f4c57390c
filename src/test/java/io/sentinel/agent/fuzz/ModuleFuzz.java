package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;

import com.sun.management.ThreadMXBean;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.WasmEngine;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * A module's file: loaded, or refused in one line that can be logged. What a loaded one does is for
 * others to try; no instance is made here.
 */
public final class ModuleFuzz {

  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

  /** Of modules of a few KiB: the locals they may declare take the most. */
  private static final long MOST_ALLOCATED = 256L << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final WasmEngine INTERPRETED =
      new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.INTERPRETED, ImportPolicy.WASI);
  private static final WasmEngine COMPILED =
      new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED, ImportPolicy.WASI);

  private ModuleFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    byte[] module = new byte[HEADER.length + input.length];
    System.arraycopy(HEADER, 0, module, 0, HEADER.length);
    System.arraycopy(input, 0, module, HEADER.length, input.length);
    if (refusal(INTERPRETED, module).isEmpty()) {
      // What the engine's compiler does not know is in docs/engine.md.
      refusal(COMPILED, module)
          .ifPresent(
              message ->
                  check(
                      message.contains("the engine cannot compile it"),
                      "only the interpreter takes it: " + message));
    }
  }

  private static Optional<String> refusal(WasmEngine engine, byte[] module) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      engine.load(module);
      return Optional.empty();
    } catch (ModuleException e) {
      String message = String.valueOf(e.getMessage());
      check(message.chars().noneMatch(Character::isISOControl), "no line for the log: " + message);
      return Optional.of(message);
    } finally {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      check(allocated < MOST_ALLOCATED, "it took " + allocated + " bytes to load");
    }
  }
}
