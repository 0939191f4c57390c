package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations on large ranges end when they are told to, and do what small ones do. */
class BulkInterruptTest {

  private static final int PIECE = GuestMemory.PIECE_BYTES;
  private static final int PAGES = 4_096; // 256 MiB: some 20 ms of copying
  private static final int BYTES = PAGES * Memory.PAGE_SIZE;

  @Test
  void fillEndsWhenItIsInterrupted() {
    GuestMemory memory = memory(PAGES, PAGES);
    stopsInTheMidst(
        () -> memory.fill((byte) 1, 0, BYTES),
        () -> memory.read(0) == 1,
        () -> memory.read(BYTES - 1));
  }

  @Test
  void copyEndsWhenItIsInterrupted() {
    GuestMemory memory = memory(PAGES, PAGES);
    int half = BYTES / 2;
    memory.fill((byte) 1, 0, half);
    stopsInTheMidst(
        () -> memory.copy(half, 0, half),
        () -> memory.read(BYTES - 1) == 1, // backwards, since it goes up
        () -> memory.read(half));
  }

  @Test
  void initEndsWhenItIsInterrupted() {
    GuestMemory memory = memory(PAGES, PAGES);
    byte[] segment = new byte[BYTES];
    Arrays.fill(segment, (byte) 1);
    stopsInTheMidst(
        () -> memory.write(0, segment, 0, BYTES),
        () -> memory.read(0) == 1,
        () -> memory.read(BYTES - 1));
  }

  @Test
  void growthEndsWhenItIsInterrupted() {
    MemoryBudget budget = new MemoryBudget(2 * BYTES);
    GuestMemory memory = new GuestMemory(new MemoryLimits(PAGES, 2 * PAGES), budget);
    stopsInTheMidst(
        () -> memory.grow(PAGES), () -> budget.pagesLeft() == 0, () -> memory.pages() - PAGES);
  }

  /** Runs it, interrupts it when it has begun, and sees that what it does last was not done. */
  private static void stopsInTheMidst(
      Runnable operation, BooleanSupplier begun, java.util.function.IntSupplier last) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    operation.run();
                    end.complete(null);
                  } catch (RuntimeException e) {
                    end.completeExceptionally(e);
                  }
                });
    while (!begun.getAsBoolean()) {
      LockSupport.parkNanos(1); // and so each look is a new one
    }
    thread.interrupt();
    CompletionException e = assertThrows(CompletionException.class, end::join);
    assertEquals(ChicoryInterruptedException.class, e.getCause().getClass());
    assertEquals(0, last.getAsInt());
  }

  /** Against the JDK's own, over lengths at the edges of pieces. */
  @Test
  void piecesMakeTheSameWhole() {
    Random random = new Random(5);
    int pages = 64;
    GuestMemory memory = memory(pages, 2 * pages);
    byte[] expected = new byte[pages * Memory.PAGE_SIZE];
    random.nextBytes(expected);
    memory.write(0, expected, 0, expected.length);
    int[] lengths = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7, 3 * PIECE - 1};
    for (int length : lengths) {
      for (int distance : new int[] {0, 1, 3, PIECE - 1, PIECE, PIECE + 5}) {
        if (length + distance <= expected.length) {
          memory.copy(distance, 0, length);
          System.arraycopy(expected, 0, expected, distance, length);
          assertArrayEquals(expected, memory.array(), "up " + length + " by " + distance);
          memory.copy(0, distance, length);
          System.arraycopy(expected, distance, expected, 0, length);
          assertArrayEquals(expected, memory.array(), "down " + length + " by " + distance);
        }
      }
      memory.fill((byte) length, 3, 3 + length);
      Arrays.fill(expected, 3, 3 + length, (byte) length);
      byte[] segment = new byte[length + 9];
      random.nextBytes(segment);
      memory.write(11, segment, 5, length);
      System.arraycopy(segment, 5, expected, 11, length);
      assertArrayEquals(expected, memory.array(), "of " + length);
    }
    assertEquals(pages, memory.grow(pages));
    assertArrayEquals(Arrays.copyOf(expected, 2 * expected.length), memory.array());
  }

  /** As the specification has it: a trap, and nothing was written. */
  @ParameterizedTest
  @ValueSource(ints = {1, PIECE + 1, 2 * PIECE, Integer.MAX_VALUE})
  void rangesOutOfBoundsAreRejected(int length) {
    GuestMemory memory = memory(32, 32);
    int size = 32 * Memory.PAGE_SIZE;
    int from = Math.max(0, size - length + 1);
    byte[] ones = new byte[Math.min(length, 4 * PIECE)];
    Arrays.fill(ones, (byte) 1);
    assertThrows(WasmRuntimeException.class, () -> memory.fill((byte) 1, from, from + length));
    assertThrows(WasmRuntimeException.class, () -> memory.fill((byte) 1, -1, length));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(from, 0, length));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(0, from, length));
    assertThrows(WasmRuntimeException.class, () -> memory.copy(0, 0, -length));
    assertThrows(WasmRuntimeException.class, () -> memory.write(from, ones, 0, length));
    assertThrows(WasmRuntimeException.class, () -> memory.write(0, ones, 1, length));
    assertTrue(Arrays.equals(new byte[size], memory.array()));
  }

  private static GuestMemory memory(int pages, int most) {
    return new GuestMemory(
        new MemoryLimits(pages, most), new MemoryBudget(most * Memory.PAGE_SIZE));
  }
}
