package io.sentinel.agent.pool;

import java.util.concurrent.TimeUnit;

/**
 * When to wait actively for what comes next: waking a thread costs more than a call of a typical
 * module, so while things follow each other closely it is cheaper to look for the next than to go
 * to sleep. Where they do not, the wait is left out, it never goes on for longer than its limit,
 * and whoever else wants the core gets it. One owner. See "Why do slots and the event loop wait
 * actively?" in RATIONALE.md.
 */
public final class ActiveWait {

  private static final int MOST_CONFIDENCE = 8;
  private static final boolean POSSIBLE = Runtime.getRuntime().availableProcessors() > 1;

  private final long limit;

  /** When the last work ended; 0 while there is work. */
  private long idleSince;

  /** Above zero while the next work tends to come within the limit. */
  private int confidence = MOST_CONFIDENCE / 2;

  /**
   * @param limitMicros how long a wait may be
   */
  public ActiveWait(long limitMicros) {
    this.limit = TimeUnit.MICROSECONDS.toNanos(limitMicros);
  }

  /** There is no work any more; said as often as one likes. */
  public void idle() {
    if (idleSince == 0) {
      idleSince = System.nanoTime();
    }
  }

  /** A wait begins now, whatever was before. */
  public void begin() {
    idleSince = System.nanoTime();
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
    boolean close = when - idleSince < limit;
    confidence = close ? Math.min(MOST_CONFIDENCE, confidence + 1) : Math.max(0, confidence - 2);
    idleSince = 0;
  }

  /** Whether to look once more; lets others have the core first. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but who gets the core
  public boolean goesOn() {
    if (!POSSIBLE || confidence <= 0 || System.nanoTime() - idleSince >= limit) {
      return false;
    }
    Thread.yield();
    return true;
  }
}
