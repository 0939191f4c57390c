package io.sentinel.agent.pool;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When to wait actively for what comes next: waking a thread costs more than a call of a typical
 * module, so while things follow each other closely it is cheaper to look for the next than to go
 * to sleep. Where they do not, the wait is left out, it never goes on for longer than its limit,
 * and whoever else wants the core gets it. Where others want it for long, waiting is left out, too:
 * who sleeps gets the core back at once, who looks gets it after their turn. One owner. See "Why do
 * slots and the event loop wait actively?" in RATIONALE.md.
 */
public final class ActiveWait {

  private static final int MOST_CONFIDENCE = 8;
  private static final boolean POSSIBLE = Runtime.getRuntime().availableProcessors() > 1;

  /** What a wait saves that was worth it: about what it takes to wake a thread. */
  private static final long SAVED = TimeUnit.MICROSECONDS.toNanos(20);

  /** So much of what was saved is kept in mind. */
  private static final long MOST_BALANCE = TimeUnit.MILLISECONDS.toNanos(20);

  /** More than one turn of somebody else's, and not many. */
  private static final long FIRST_BALANCE = TimeUnit.MILLISECONDS.toNanos(5);

  /** A turn of somebody's who computes; collections and this process's other threads take less. */
  private static final long TURN = TimeUnit.MILLISECONDS.toNanos(1);

  /** How long waits are left out once they have lost more than they saved. */
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final long limit;
  private final LongSupplier clock;
  private final Runnable giveCore;

  /** When the last work ended; 0 while there is work. */
  private long idleSince;

  /** Above zero while the next work tends to come within the limit. */
  private int confidence = MOST_CONFIDENCE / 2;

  /** What waits have saved, less the turns that were waited for in them, in nanoseconds. */
  private long balance = FIRST_BALANCE;

  private boolean paused;
  private long pauseEnds;
  private long lastLook;

  /**
   * @param limitMicros how long a wait may be
   */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but who gets the core
  public ActiveWait(long limitMicros) {
    this(limitMicros, System::nanoTime, Thread::yield);
  }

  /**
   * @param clock as {@link System#nanoTime} tells time
   * @param giveCore lets others have the core
   */
  ActiveWait(long limitMicros, LongSupplier clock, Runnable giveCore) {
    this.limit = TimeUnit.MICROSECONDS.toNanos(limitMicros);
    this.clock = clock;
    this.giveCore = giveCore;
  }

  /** There is no work any more; said as often as one likes. */
  public void idle() {
    if (idleSince == 0) {
      begin();
    }
  }

  /** A wait begins now, whatever was before. */
  public void begin() {
    idleSince = clock.getAsLong();
    lastLook = idleSince;
  }

  /**
   * There is work again: was it worth waiting for?
   *
   * @param when it came, as {@link System#nanoTime} tells time
   */
  public void worked(long when) {
    if (idleSince == 0) {
      return;
    }
    if (when - idleSince < limit) {
      confidence = Math.min(MOST_CONFIDENCE, confidence + 1);
      balance = Math.min(MOST_BALANCE, balance + SAVED);
    } else {
      confidence = Math.max(0, confidence - 2);
    }
    idleSince = 0;
  }

  /** Whether to look once more; lets others have the core first. */
  public boolean goesOn() {
    if (!POSSIBLE || confidence <= 0) {
      return false;
    }
    long now = clock.getAsLong();
    if (paused) {
      if (now - pauseEnds < 0) {
        return false;
      }
      paused = false;
    }
    countAbsence(now);
    if (now - idleSince >= limit) {
      return false;
    }
    giveCore.run();
    countAbsence(clock.getAsLong());
    return true;
  }

  /** Others had the core for so long: did the waits save more than that? */
  private void countAbsence(long now) {
    long absence = now - lastLook;
    lastLook = now;
    if (absence >= TURN) {
      balance -= absence;
      if (balance < 0) {
        balance = FIRST_BALANCE;
        paused = true;
        pauseEnds = now + PAUSE;
      }
    }
  }
}
