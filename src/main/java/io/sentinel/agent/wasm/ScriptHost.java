package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.text.LogText;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of one instance of a script engine: the functions that engines, and they alone,
 * may import (src/main/engines/shared/engine.h), and what the script said through them.
 */
final class ScriptHost {

  private static final String MODULE = "sentinel_engine";
  private static final int HANDLES_REQUEST_HEADERS = 1;
  private static final int HANDLES_RESPONSE_HEADERS = 2;
  private static final int OUT_OF_MEMORY = 1;
  private static final long[] NOTHING = {};
  private static final byte[] NO_BYTES = {};
  private static final byte[] LINE_END = {'\n'};

  /** What is put before a line, by its level in engine.h. */
  private static final byte[][] LEVELS = {NO_BYTES, NO_BYTES, ascii("warning: "), ascii("error: ")};

  private static final long U32 = 0xffff_ffffL;

  /** Of what an error says; the script chooses how much that is. */
  private static final long MOST_TEXT_BYTES = 16 * 1024;

  private final Script script;
  private final GuestLines lines;
  private final GuestAbi.EngineExports exports;
  private @Nullable ScriptFailure failure;

  /**
   * @param lines where goes what the script writes
   */
  ScriptHost(Script script, GuestLines lines) {
    this.script = script;
    this.lines = lines;
    this.exports = GuestAbi.ofEngine(script.engine().module());
  }

  List<ImportFunction> functions() {
    return List.of(
        function("log", 3, false, this::log),
        function("fail", 5, false, this::fail),
        function("try", 4, true, this::attempt),
        function("throw", 1, false, ScriptHost::unwind));
  }

  /**
   * Gives a fresh instance the script, which it runs.
   *
   * @return what the script has handlers for
   * @throws ModuleException if it has an error
   */
  Set<EventType> load(Instance instance) {
    byte[] text = script.nameAndSource();
    Machine machine = instance.getMachine();
    long at = machine.call(exports.handlers().alloc(), new long[] {text.length})[0] & U32;
    if (at == 0) {
      throw new ModuleException("it is too large for the memory that it may have");
    }
    instance.memory().write((int) at, text, 0, text.length);
    long handlers = machine.call(exports.load(), new long[] {at, text.length})[0];
    machine.call(exports.handlers().dealloc(), new long[] {at, text.length});
    ScriptFailure told = takeFailure();
    if (told != null) {
      throw new ModuleException(LogText.of(told.message()));
    }
    Set<EventType> handled = EnumSet.noneOf(EventType.class);
    if ((handlers & HANDLES_REQUEST_HEADERS) != 0) {
      handled.add(EventType.REQUEST_HEADERS);
    }
    if ((handlers & HANDLES_RESPONSE_HEADERS) != 0) {
      handled.add(EventType.RESPONSE_HEADERS);
    }
    return handled;
  }

  /** The failure that the engine told of since the last look. */
  @Nullable ScriptFailure takeFailure() {
    ScriptFailure told = failure;
    failure = null;
    return told;
  }

  private static ImportFunction function(
      String name, int parameters, boolean returns, WasmFunctionHandle handle) {
    List<ValType> types = Collections.nCopies(parameters, ValType.I32);
    FunctionType type = FunctionType.of(types, returns ? List.of(ValType.I32) : List.of());
    return new HostFunction(MODULE, name, type, handle);
  }

  private long[] log(Instance instance, long... args) {
    GuestMemory memory = (GuestMemory) instance.memory();
    long at = args[1] & U32;
    long length = args[2] & U32;
    if (!memory.contains(at, length)) {
      throw new GuestTrap("log: a line of %d bytes at %d, in no memory".formatted(length, at));
    }
    byte[] prefix = args[0] < LEVELS.length ? LEVELS[(int) args[0]] : NO_BYTES;
    lines.write(GuestLines.OUT, prefix, 0, prefix.length);
    lines.write(GuestLines.OUT, memory.array(), (int) at, (int) length); // bounds what it keeps
    lines.write(GuestLines.OUT, LINE_END, 0, LINE_END.length);
    return NOTHING;
  }

  private long[] fail(Instance instance, long... args) {
    failure =
        ScriptFailure.of(
            script.name(),
            text(instance, args[1], args[2]),
            text(instance, args[3], args[4]),
            args[0] == OUT_OF_MEMORY);
    return NOTHING;
  }

  /** Lua's protected call: what is thrown for it is caught here; all else goes on. */
  private long[] attempt(Instance instance, long... args) {
    try {
      instance
          .getMachine()
          .call(exports.runProtected().orElseThrow(), new long[] {args[0], args[1], args[2]});
      return new long[] {0};
    } catch (Unwinding e) {
      if (e.token != args[3]) {
        throw e;
      }
      return new long[] {1};
    }
  }

  private static long[] unwind(Instance instance, long... args) {
    throw new Unwinding(args[0]);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(Instance instance, long address, long length) {
    int most = (int) Math.min(length & U32, MOST_TEXT_BYTES);
    byte[] bytes = instance.memory().readBytes((int) address, most);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** An error on its way to a protected call: no failure of the engine's, and cheap. */
  private static final class Unwinding extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long token;

    Unwinding(long token) {
      super(null, null, false, false);
      this.token = token;
    }
  }
}
