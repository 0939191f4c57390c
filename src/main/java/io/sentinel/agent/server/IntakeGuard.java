package io.sentinel.agent.server;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;

/**
 * Bounds what all peers together can make the agent keep of theirs, and how long each may take to
 * send a frame. Belongs to one event loop.
 */
final class IntakeGuard {

  /** A connection whose events under way take more is not read from until some are answered. */
  static final long UNDER_WAY_BYTES = 8L << 20;

  /** How often begun frames are looked at. */
  static final long SWEEP_MS = 250;

  private final Collection<Session> sessions;
  private final long budgetBytes;
  private final Duration frameTimeout;
  private long held;

  IntakeGuard(Collection<Session> sessions, long budgetBytes, Duration frameTimeout) {
    this.sessions = sessions;
    this.budgetBytes = budgetBytes;
    this.frameTimeout = frameTimeout;
  }

  /** A connection now holds so many bytes more, or fewer. */
  void changed(long bytes) {
    held += bytes;
    while (held > budgetBytes) {
      Session largest =
          sessions.stream().max(Comparator.comparingLong(Session::heldBytes)).orElse(null);
      if (largest == null || largest.heldBytes() == 0) {
        return;
      }
      largest.drop(
          DropReason.OVER_BUDGET,
          "it held %d KiB when all connections together held over %d KiB"
              .formatted(largest.heldBytes() >> 10, budgetBytes >> 10));
    }
  }

  /** Gives up the peers that have been at one frame for too long. */
  void sweep() {
    long now = System.nanoTime();
    for (Session session : sessions.toArray(Session[]::new)) {
      if (session.frameAge(now) > frameTimeout.toNanos()) {
        session.drop(
            DropReason.SLOW,
            "a frame had begun and was not there after %d ms".formatted(frameTimeout.toMillis()));
      }
    }
  }
}
