package io.sentinel.agent.server;

import java.util.concurrent.TimeUnit;

/**
 * Tells how old what is read now may be: where the event loop stood still (its process was stopped,
 * its machine suspended, its heap collected) the bytes may have waited in the system all the while.
 * Belongs to one event loop.
 */
final class Pulse {

  /** How often it beats. */
  static final long BEAT_MS = 25;

  /** When the event loop has not turned for so long, it stood still. */
  private static final long STOOD_STILL = TimeUnit.MILLISECONDS.toNanos(2 * BEAT_MS);

  /** How long after that what has waited may still be read. */
  private static final long AFTERMATH = TimeUnit.MILLISECONDS.toNanos(2 * BEAT_MS);

  private long lastTurn;
  private long stillFrom;
  private long stillUntil;

  /**
   * @param now as {@link System#nanoTime} tells time, here and below
   */
  Pulse(long now) {
    lastTurn = now;
    stillFrom = now;
    stillUntil = now;
  }

  /** The event loop turns. */
  void beat(long now) {
    if (now - lastTurn > STOOD_STILL) {
      stillFrom = lastTurn;
      stillUntil = now;
    }
    lastTurn = now;
  }

  /** When what is read now may have arrived, at the earliest: mostly now. */
  long arrival(long now) {
    beat(now);
    boolean waited = stillFrom != stillUntil && now - stillUntil < AFTERMATH;
    return waited ? stillFrom : now;
  }
}
