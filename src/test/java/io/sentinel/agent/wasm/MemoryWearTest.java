package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When an instance is to be replaced for its memory's sake. */
class MemoryWearTest {

  private final MemoryBudget budget = new MemoryBudget(100 * Memory.PAGE_SIZE);

  @ParameterizedTest
  @CsvSource({
    "100, 90", // the budget is the bound
    "50, 45", // the memory's own maximum is
    "1000, 90"
  })
  void growthToNineTenthsWearsItOut(int maximum, int wornAt) {
    GuestMemory memory = memory(1, maximum);
    MemoryWear wear = new MemoryWear(memory, budget);
    call(wear, MemoryWear.LEAST_CALLS);
    while (!wear.isWorn()) {
      assertEquals(memory.pages(), memory.grow(1));
      wear.called();
    }
    assertEquals(wornAt, memory.pages());
  }

  @Test
  void memoryThatBeginsNearItsLimitIsNotWorn() {
    MemoryWear wear = new MemoryWear(memory(99, 100), budget);
    call(wear, 10 * MemoryWear.LEAST_CALLS);
    assertFalse(wear.isWorn());
  }

  @Test
  void growthInTheFirstCallsCountsOnlyIfItGoesOn() {
    GuestMemory memory = memory(1, 100);
    MemoryWear wear = new MemoryWear(memory, budget);
    memory.grow(97);
    call(wear, MemoryWear.LEAST_CALLS);
    assertFalse(wear.isWorn());
    memory.grow(1);
    wear.called();
    assertTrue(wear.isWorn());
  }

  @Test
  void growthOfAnotherMemoryCounts() {
    MemoryWear wear = new MemoryWear(memory(1, 100), budget);
    GuestMemory other = memory(1, 100);
    call(wear, MemoryWear.LEAST_CALLS);
    other.grow(88);
    wear.called();
    assertTrue(wear.isWorn());
  }

  private GuestMemory memory(int pages, int maximum) {
    return new GuestMemory(new MemoryLimits(pages, maximum), budget);
  }

  private static void call(MemoryWear wear, int times) {
    for (int i = 0; i < times; i++) {
      wear.called();
    }
  }
}
