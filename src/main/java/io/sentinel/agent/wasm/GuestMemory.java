package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A linear memory as one flat array: an access is one array access, whose bounds check is the
 * memory's own. See "Why a memory of our own?" in RATIONALE.md.
 *
 * <p>Growth is charged to the instance's budget, and operations on ranges look at the thread's
 * interrupt flag, which the engine itself does only at calls and loops.
 */
@SuppressWarnings({"removal", "deprecation"}) // the engine still asks for what threads need
final class GuestMemory implements Memory {

  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);

  /** So much of an operation on a range is done between two looks at the interrupt flag. */
  static final int PIECE_BYTES = 1 << 20;

  private final MemoryLimits limits;
  private final MemoryBudget budget;
  private byte[] bytes;
  private DataSegment[] segments = {};

  /**
   * @throws ModuleException if the budget does not reach for the initial size
   */
  GuestMemory(MemoryLimits limits, MemoryBudget budget) {
    this.limits = limits;
    this.budget = budget;
    if (!budget.take(limits.initialPages())) {
      throw new ModuleException(
          "its memory begins with %d pages of 64 KiB, over the limit of %s for all its memories"
              .formatted(limits.initialPages(), budget));
    }
    bytes = new byte[limits.initialPages() * PAGE_SIZE];
  }

  private static VarHandle view(Class<?> arrayType) {
    return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN)
        .withInvokeExactBehavior();
  }

  // What the host reads and writes, with addresses and lengths as unsigned 32-bit numbers.

  /** The memory's bytes as they are now; stale after the guest's next step. */
  byte[] array() {
    return bytes;
  }

  /** Whether a range lies within the memory. */
  boolean contains(long address, long length) {
    return address + length <= bytes.length;
  }

  /**
   * What stands in the memory, and which data segments were not dropped.
   *
   * @param bytes without the zeros at the end
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Contents(int pages, byte[] bytes, DataSegment[] segments) {}

  Contents contents() {
    int used = bytes.length;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    return new Contents(pages(), Arrays.copyOf(bytes, used), segments.clone());
  }

  /** Brings the memory back to what it once held, its size included. */
  void restore(Contents before) {
    int used = before.bytes().length;
    if (before.pages() == pages()) {
      Arrays.fill(bytes, used, bytes.length, (byte) 0);
    } else {
      budget.give(pages() - before.pages());
      bytes = new byte[before.pages() * PAGE_SIZE];
    }
    System.arraycopy(before.bytes(), 0, bytes, 0, used);
    // The engine's instance looks into the same array.
    System.arraycopy(before.segments(), 0, segments, 0, segments.length);
  }

  // What the guest does.

  @Override
  public int pages() {
    return bytes.length / PAGE_SIZE;
  }

  @Override
  public int grow(int more) {
    checkInterrupt();
    int pages = pages();
    // Unsigned, by the specification: a negative number is a huge one.
    if (more < 0 || (long) pages + more > maximumPages() || !budget.take(more)) {
      return -1;
    }
    if (more > 0) {
      bytes = enlarged((pages + more) * PAGE_SIZE);
    }
    return pages;
  }

  private byte[] enlarged(int size) {
    if (bytes.length <= PIECE_BYTES) {
      return Arrays.copyOf(bytes, size);
    }
    byte[] larger = new byte[size]; // which takes the longest of it, and cannot be interrupted
    for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
      checkInterrupt();
      System.arraycopy(bytes, at, larger, at, Math.min(PIECE_BYTES, bytes.length - at));
    }
    return larger;
  }

  @Override
  public int initialPages() {
    return limits.initialPages();
  }

  @Override
  public int maximumPages() {
    return Math.min(limits.maximumPages(), RUNTIME_MAX_PAGES);
  }

  @Override
  public byte read(int address) {
    try {
      return bytes[address];
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public void writeByte(int address, byte value) {
    try {
      bytes[address] = value;
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public short readShort(int address) {
    try {
      return (short) SHORTS.get(bytes, address);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public void writeShort(int address, short value) {
    try {
      SHORTS.set(bytes, address, value);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public long readU16(int address) {
    return Short.toUnsignedLong(readShort(address));
  }

  @Override
  public int readInt(int address) {
    try {
      return (int) INTS.get(bytes, address);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public void writeI32(int address, int value) {
    try {
      INTS.set(bytes, address, value);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public long readLong(int address) {
    try {
      return (long) LONGS.get(bytes, address);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public void writeLong(int address, long value) {
    try {
      LONGS.set(bytes, address, value);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public float readFloat(int address) {
    try {
      return (float) FLOATS.get(bytes, address);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  /** The value's bits, as {@link Memory} wants them. */
  @Override
  public long readF32(int address) {
    return readInt(address);
  }

  @Override
  public void writeF32(int address, float value) {
    try {
      FLOATS.set(bytes, address, value);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public double readDouble(int address) {
    try {
      return (double) DOUBLES.get(bytes, address);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  /** The value's bits, as {@link Memory} wants them. */
  @Override
  public long readF64(int address) {
    return readLong(address);
  }

  @Override
  public void writeF64(int address, double value) {
    try {
      DOUBLES.set(bytes, address, value);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  @Override
  public void write(int address, byte[] source, int offset, int length) {
    try {
      copy(source, offset, address, length);
    } catch (RuntimeException e) {
      throw outOfBounds(e, address);
    }
  }

  /** From one array to another, or within one; what is out of bounds changes nothing. */
  private void copy(byte[] from, int source, int destination, int length) {
    checkInterrupt();
    if (length <= PIECE_BYTES) {
      System.arraycopy(from, source, bytes, destination, length);
      return;
    }
    Objects.checkFromIndexSize(source, length, from.length);
    Objects.checkFromIndexSize(destination, length, bytes.length);
    boolean backwards = from == bytes && destination > source; // it may overlap
    for (int done = 0; done < length; done += PIECE_BYTES) {
      checkInterrupt();
      int piece = Math.min(PIECE_BYTES, length - done);
      int at = backwards ? length - done - piece : done;
      System.arraycopy(from, source + at, bytes, destination + at, piece);
    }
  }

  @Override
  public byte[] readBytes(int address, int length) {
    checkInterrupt();
    long from = Integer.toUnsignedLong(address);
    long size = Integer.toUnsignedLong(length);
    if (!contains(from, size)) {
      throw new WasmRuntimeException("out of bounds memory access at " + from);
    }
    return Arrays.copyOfRange(bytes, (int) from, (int) (from + size));
  }

  @Override
  public void fill(byte value, int from, int to) {
    try {
      Objects.checkFromToIndex(from, to, bytes.length);
      int at = from;
      do {
        checkInterrupt();
        int end = Math.min(to - at, PIECE_BYTES) + at;
        Arrays.fill(bytes, at, end, value);
        at = end;
      } while (at < to);
    } catch (RuntimeException e) {
      throw outOfBounds(e, from);
    }
  }

  @Override
  public void copy(int destination, int source, int length) {
    try {
      copy(bytes, source, destination, length);
    } catch (RuntimeException e) {
      throw outOfBounds(e, destination);
    }
  }

  @Override
  public void zero() {
    Arrays.fill(bytes, (byte) 0);
  }

  // Data segments.

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    segments = dataSegments;
    for (DataSegment segment : dataSegments) {
      if (segment instanceof ActiveDataSegment active && active.index() == memoryIndex) {
        long offset =
            Integer.toUnsignedLong(
                (int)
                    ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[
                        0]);
        if (!contains(offset, active.data().length)) {
          throw new UninstantiableException("out of bounds memory access in a data segment");
        }
        System.arraycopy(active.data(), 0, bytes, (int) offset, active.data().length);
      }
    }
  }

  @Override
  public void initPassiveSegment(int segment, int destination, int offset, int length) {
    write(destination, segments[segment].data(), offset, length);
  }

  @Override
  public void drop(int segment) {
    segments[segment] = PassiveDataSegment.EMPTY;
  }

  // Threads: a module with a shared memory is refused when it is loaded.

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public Object lock(int address) {
    return this;
  }

  @Override
  public int waitOn(int address, int expected, long timeout) {
    throw new WasmRuntimeException("expected shared memory");
  }

  @Override
  public int waitOn(int address, long expected, long timeout) {
    throw new WasmRuntimeException("expected shared memory");
  }

  @Override
  public int notify(int address, int maxThreads) {
    return 0;
  }

  private static RuntimeException outOfBounds(RuntimeException e, int address) {
    if (e instanceof IndexOutOfBoundsException || e instanceof IllegalArgumentException) {
      return new WasmRuntimeException(
          "out of bounds memory access at " + Integer.toUnsignedString(address));
    }
    return e;
  }

  private static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("interrupted in an operation on memory");
    }
  }
}
