package io.sentinel.agent.pool;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The short active wait of the last running slot: waking a thread costs more than a call, so while
 * events follow each other closely it is cheaper to wait for the next than to go to sleep. Where
 * they do not, the wait is left out, and it never goes on for longer than {@link #LIMIT}. One
 * owner.
 */
final class IdleSpin {

  private static final long LIMIT = TimeUnit.MICROSECONDS.toNanos(100);
  private static final int POLLS_PER_LOOK = 32;
  private static final int MOST_CONFIDENCE = 8;
  private static final boolean POSSIBLE = Runtime.getRuntime().availableProcessors() > 1;

  /** When the last work ended; 0 while there is work. */
  private long idleSince;

  /** Above zero while the next event tends to come within the limit. */
  private int confidence = MOST_CONFIDENCE / 2;

  /** Waits for a call, if that is likely to be worth it. */
  @Nullable Call poll(CallQueue queue) {
    idle();
    if (!POSSIBLE || confidence <= 0) {
      return null;
    }
    long end = idleSince + LIMIT;
    do {
      for (int i = 0; i < POLLS_PER_LOOK; i++) {
        if (!queue.isEmpty()) {
          Call call = queue.poll();
          if (call != null) {
            return call;
          }
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - end < 0);
    return null;
  }

  /** The work has ended. */
  void idle() {
    if (idleSince == 0) {
      idleSince = System.nanoTime();
    }
  }

  /** There is work again: was it worth waiting for? */
  void worked(Call call) {
    if (idleSince == 0) {
      return;
    }
    boolean close = call.arrived() - idleSince < LIMIT;
    confidence = close ? Math.min(MOST_CONFIDENCE, confidence + 1) : Math.max(0, confidence - 2);
    idleSince = 0;
  }
}
