package io.sentinel.agent.pool;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of one slot that nobody was woken for yet. Waking the event loop costs about half of
 * a typical call, on both sides; while the next calls wait already, one wake-up serves several
 * answers. The slot's own, but for {@link #releaseIfOverdue}. See "Why are answers held back?" in
 * RATIONALE.md.
 */
final class HeldOutcomes {

  /** With fewer calls waiting, the next outcome may be far away. */
  private static final int LEAST_WAITING = 4;

  private static final int MOST_HELD = 16;
  private static final long LONGEST = TimeUnit.MICROSECONDS.toNanos(40);

  private int count;
  private volatile long since;

  /** The last one that was held; null while there is none. */
  private volatile @Nullable Completion last;

  /** Whether an outcome that came now may be held. */
  boolean mayHold(int waiting, long now) {
    return waiting >= LEAST_WAITING && count < MOST_HELD && (count == 0 || now - since < LONGEST);
  }

  /**
   * An outcome was held.
   *
   * @return whether it is the first one
   */
  boolean add(Completion completion, long now) {
    boolean first = count == 0;
    if (first) {
      since = now;
    }
    count++;
    last = completion;
    return first;
  }

  /** An outcome was told without being held, and those before it with it. */
  void clear() {
    if (count > 0) {
      count = 0;
      last = null;
    }
  }

  /** Nothing follows at once. */
  void release() {
    Completion held = last;
    if (held != null) {
      clear();
      held.release();
    }
  }

  /**
   * The watchdog's: releases what the slot holds while it is in a slow call after all.
   *
   * @return in how many nanoseconds to look again; {@code never} if nothing is held
   */
  long releaseIfOverdue(long now, long patience, long never) {
    Completion held = last;
    if (held == null) {
      return never;
    }
    long left = since + patience - now;
    if (left > 0) {
      return left;
    }
    held.release();
    return patience;
  }
}
