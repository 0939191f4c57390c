package io.sentinel.agent.server;

import java.util.concurrent.TimeUnit;

/**
 * Tells how old what is read now may be: where the event loop stood still (its process was stopped,
 * its machine suspended, its heap collected) the bytes may have waited in the system all the while.
 * Belongs to one event loop.
 */
final class Pulse {

  /** How long after one beat the next one comes; between them sockets are read. */
  static final long BEAT_MS = 25;

  /** When the event loop has not turned for so long, it stood still. */
  private static final long STOOD_STILL = TimeUnit.MILLISECONDS.toNanos(2 * BEAT_MS);

  /** In the first it reads what was there, and in the second that of connections it accepted. */
  private static final int BEATS_UNTIL_ALL_IS_READ = 2;

  private long lastTurn;
  private long stillFrom;

  /** So many beats to come until what is read has arrived after the standstill. */
  private int beatsToCome;

  /**
   * @param now as {@link System#nanoTime} tells time, here and below
   */
  Pulse(long now) {
    lastTurn = now;
  }

  /** The timer's, which is set anew after each. */
  void beat(long now) {
    if (!turn(now) && beatsToCome > 0) {
      beatsToCome--;
    }
  }

  /** When what is read now may have arrived, at the earliest: mostly now. */
  long arrival(long now) {
    turn(now);
    return beatsToCome > 0 ? stillFrom : now;
  }

  /** The event loop turns; true if it had stood still. */
  private boolean turn(long now) {
    boolean stoodStill = now - lastTurn > STOOD_STILL;
    if (stoodStill) {
      stillFrom = beatsToCome > 0 ? stillFrom : lastTurn;
      beatsToCome = BEATS_UNTIL_ALL_IS_READ;
    }
    lastTurn = now;
    return stoodStill;
  }
}
