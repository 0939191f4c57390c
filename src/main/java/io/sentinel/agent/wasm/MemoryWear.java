package io.sentinel.agent.wasm;

/**
 * Tells when a leaking module has nearly used its memory up. See "Why are instances recycled?" in
 * RATIONALE.md.
 */
final class MemoryWear {

  /** Fewer calls do not make up for making another instance. */
  static final int LEAST_CALLS = 100;

  /** Nearly used up are nine tenths: nine pages taken for one that may yet be. */
  private static final int TAKEN_PER_LEFT = 9;

  private final GuestMemory memory;
  private final MemoryBudget budget;
  private int calls;
  private int pagesBefore;
  private boolean worn;

  /**
   * @param memory the one that is exported, whose own maximum may be below the budget
   */
  MemoryWear(GuestMemory memory, MemoryBudget budget) {
    this.memory = memory;
    this.budget = budget;
    this.pagesBefore = budget.pagesTaken();
  }

  /** After each call. */
  void called() {
    calls++;
    int pages = budget.pagesTaken();
    // One that does not grow has found its size, be it never so near to the limit.
    if (pages > pagesBefore) {
      int left = Math.min(budget.pagesLeft(), memory.maximumPages() - memory.pages());
      worn = calls >= LEAST_CALLS && pages >= (long) left * TAKEN_PER_LEFT;
    }
    pagesBefore = pages;
  }

  boolean isWorn() {
    return worn;
  }
}
