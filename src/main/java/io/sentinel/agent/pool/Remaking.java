package io.sentinel.agent.pool;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The right to make an instance in place of one that failed. One slot at a time has it, so a module
 * that fails on every event costs one instance at a time, however many slots there are.
 */
final class Remaking {

  private static final long PATIENCE_MS = 1_000;

  private final Semaphore free = new Semaphore(1, true);
  private final AtomicReference<@Nullable Object> owner = new AtomicReference<>();

  /**
   * Waits until the right is free, which takes as long as making an instance does.
   *
   * @return false if it was not to be had within a second: whoever has it is in a slow start
   */
  boolean take(Object slot) throws InterruptedException {
    if (!free.tryAcquire(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
      return false;
    }
    owner.set(slot);
    return true;
  }

  /** Gives the right back; does nothing if the slot has it no more. On any thread. */
  void giveBack(Object slot) {
    if (owner.compareAndSet(slot, null)) {
      free.release();
    }
  }
}
