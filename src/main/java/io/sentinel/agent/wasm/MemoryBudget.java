package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.Memory;

/** How many pages the memories of one instance take, and may take. One owner, like its instance. */
final class MemoryBudget {

  private final int limitBytes;
  private int pagesLeft;

  MemoryBudget(int limitBytes) {
    this.limitBytes = limitBytes;
    this.pagesLeft = limitBytes / Memory.PAGE_SIZE;
  }

  /** Takes pages out of the budget, or takes none and says false. */
  boolean take(int pages) {
    if (pages < 0 || pages > pagesLeft) {
      return false;
    }
    pagesLeft -= pages;
    return true;
  }

  /** Puts pages back. */
  void give(int pages) {
    pagesLeft += pages;
  }

  int pagesTaken() {
    return limitBytes / Memory.PAGE_SIZE - pagesLeft;
  }

  int pagesLeft() {
    return pagesLeft;
  }

  @Override
  public String toString() {
    return limitBytes / 1024 + " KiB";
  }
}
