package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One live instance of a module. It has one owner and runs on one thread at a time; after a {@link
 * GuestException} it must not be called again, unless that says so.
 */
public final class Guest {

  private static final long U32 = 0xffff_ffffL;

  private final Instance instance;
  private final GuestTables tables;
  private final Machine machine;
  private final GuestMemory memory;
  private final GuestAbi.Exports exports;
  private final GuestLimits limits;
  private final GuestLines lines;
  private final @Nullable ScriptHost script;
  private final MemoryWear wear;
  private final GuestInput input = new GuestInput();

  /**
   * @param script the script's host, if this is a script
   */
  Guest(
      Instance instance,
      GuestTables tables,
      MemoryBudget budget,
      GuestAbi.Exports exports,
      GuestLimits limits,
      GuestLines lines,
      @Nullable ScriptHost script) {
    this.instance = instance;
    this.tables = tables;
    this.machine = instance.getMachine();
    this.memory = (GuestMemory) instance.memory(exports.memory());
    this.exports = exports;
    this.limits = limits;
    this.lines = lines;
    this.script = script;
    this.wear = new MemoryWear(memory, budget);
  }

  /**
   * Asks the module about an event. Without a handler for it the answer is to allow.
   *
   * @throws GuestException if there is no decision; also if the thread was interrupted
   */
  public AgentReply call(AgentEvent event) {
    try {
      return decide(event);
    } finally {
      input.forget();
      lines.end(Optional.of(event));
      wear.called();
    }
  }

  private AgentReply decide(AgentEvent event) {
    return switch (event) {
      case AgentEvent.RequestHeaders request -> {
        if (exports.onRequestHeaders().isEmpty()) {
          yield AgentReply.allow();
        }
        input.write(request);
        yield call(exports.onRequestHeaders());
      }
      case AgentEvent.ResponseHeaders response -> {
        if (exports.onResponseHeaders().isEmpty()) {
          yield AgentReply.allow();
        }
        input.write(response);
        yield call(exports.onResponseHeaders());
      }
      case AgentEvent.Configure _, AgentEvent.Unhandled _ -> AgentReply.allow();
    };
  }

  /** What the guest can change, as it is now, between two calls. */
  public GuestState state() {
    return new GuestState(instance, tables);
  }

  /**
   * Whether its last call grew the memory to nearly all that it may be: it had better be replaced
   * before it gets no more.
   */
  public boolean isWorn() {
    return wear.isWorn();
  }

  /** The size of the guest's memory, in bytes. */
  public int memoryBytes() {
    return memory.array().length;
  }

  /** What the engine keeps of it, for those who compare how the engine can run it. */
  Instance instance() {
    return instance;
  }

  private AgentReply call(OptionalInt handler) {
    try {
      int length = input.length();
      if (length > limits.memoryBytes()) {
        throw GuestException.badResult(
            "an event of %d bytes, for a module that may have %d bytes of memory"
                .formatted(length, limits.memoryBytes()));
      }
      long at = allocate(length);
      System.arraycopy(input.bytes(), 0, memory.array(), (int) at, length);
      long packed = machine.call(handler.getAsInt(), new long[] {at, length})[0];
      machine.call(exports.dealloc(), new long[] {at, length});
      ScriptFailure failure = script == null ? null : script.takeFailure();
      if (failure != null) {
        throw GuestException.script(failure);
      }
      return result(packed >>> 32, packed & U32);
    } catch (GuestException e) {
      throw e;
    } catch (Throwable e) { // the engine throws errors too: the stack's end, the heap's end
      throw GuestException.trap(WasmEngine.describe(e));
    }
  }

  private long allocate(int length) {
    long at = machine.call(exports.alloc(), new long[] {length})[0] & U32;
    if (at == 0 || !memory.contains(at, length)) {
      throw GuestException.badResult(
          "alloc(%d) returned %d, in a memory of %d bytes"
              .formatted(length, at, memory.array().length));
    }
    return at;
  }

  /** Both as unsigned; that the range lies in the memory is seen before anything is read. */
  private AgentReply result(long at, long length) {
    if (at == 0 || length == 0) {
      return AgentReply.allow();
    }
    if (length > limits.resultBytes()) {
      throw GuestException.badResult(
          "a result of %d bytes, where %d is the limit".formatted(length, limits.resultBytes()));
    }
    if (!memory.contains(at, length)) {
      throw GuestException.badResult(
          "a result of %d bytes at %d, in a memory of %d bytes"
              .formatted(length, at, memory.array().length));
    }
    AgentReply reply = read((int) at, (int) length);
    machine.call(exports.dealloc(), new long[] {at, length});
    return reply;
  }

  private AgentReply read(int at, int length) {
    try {
      return GuestResult.read(memory.array(), at, length, limits);
    } catch (GuestException e) {
      // A module that writes no result may be broken; a script's engine is not, whatever it writes.
      throw script == null ? e : e.withSoundGuest();
    }
  }
}
