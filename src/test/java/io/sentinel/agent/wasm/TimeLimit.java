package io.sentinel.agent.wasm;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Interrupts work that takes too long, as the pool's watchdog does, and measures how long the work
 * goes on after that. One thread works, one watches.
 */
final class TimeLimit implements AutoCloseable {

  private final Thread worker = Thread.currentThread();
  private boolean armed;
  private boolean fired;
  private long deadline;
  private long firedAt;
  private long longestOvertime;
  private volatile boolean closed;

  TimeLimit() {
    Thread.ofPlatform().daemon().name("time-limit").start(this::watch);
  }

  /** What came of the work, and whether it was interrupted. */
  record Ended<T>(T value, boolean interrupted) {}

  <T> Ended<T> run(long millis, Supplier<T> work) {
    synchronized (this) {
      armed = true;
      fired = false;
      deadline = System.nanoTime() + millis * 1_000_000;
    }
    T value = work.get();
    synchronized (this) {
      armed = false;
      Thread.interrupted();
      if (fired) {
        longestOvertime = Math.max(longestOvertime, System.nanoTime() - firedAt);
      }
      return new Ended<>(value, fired);
    }
  }

  /** The longest that work went on after its interrupt. */
  long longestOvertimeMillis() {
    return longestOvertime / 1_000_000;
  }

  private void watch() {
    while (!closed) {
      synchronized (this) {
        if (armed && !fired && System.nanoTime() - deadline > 0) {
          fired = true;
          firedAt = System.nanoTime();
          worker.interrupt();
        }
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
