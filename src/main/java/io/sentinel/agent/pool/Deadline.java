package io.sentinel.agent.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The end of the time that one piece of work on one thread may take, and the fence between a late
 * interrupt and that thread's next work: either the work ends first, and no interrupt comes, or the
 * watchdog fires first, and the interrupt has come and gone when {@link #disarm} returns.
 */
final class Deadline {

  private static final int ARMED = 0;
  private static final int FIRING = 1;
  private static final int FIRED = 2;
  private static final int DISARMED = 3;

  private final long at;
  private final Thread runner;
  private final @Nullable Call call;
  private final AtomicInteger state = new AtomicInteger(ARMED);

  /** When the interrupt came; written before the state says that it has. */
  private long firedAt;

  /**
   * @param at as {@link System#nanoTime} tells time
   * @param call what runs, or null where an instance is being made
   */
  Deadline(long at, Thread runner, @Nullable Call call) {
    this.at = at;
    this.runner = runner;
    this.call = call;
  }

  long at() {
    return at;
  }

  @Nullable Call call() {
    return call;
  }

  /** The watchdog's: interrupts the work; false if it ended before, or was interrupted already. */
  boolean fire() {
    if (!state.compareAndSet(ARMED, FIRING)) {
      return false;
    }
    firedAt = System.nanoTime();
    runner.interrupt();
    state.set(FIRED);
    return true;
  }

  boolean hasFired() {
    return state.get() == FIRED;
  }

  /** When it fired, if it has. */
  long firedAt() {
    return firedAt;
  }

  /** The runner's: true if the work ended in time. The thread's interrupt flag is clear after. */
  boolean disarm() {
    if (state.compareAndSet(ARMED, DISARMED)) {
      return true;
    }
    while (state.get() == FIRING) {
      Thread.onSpinWait();
    }
    Thread.interrupted();
    return false;
  }
}
