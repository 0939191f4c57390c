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

  /** How often all connections are looked at. */
  static final long SWEEP_MS = 250;

  private final Collection<Session> sessions;
  private final long budgetBytes;
  private final Duration frameTimeout;

  /** What open connections hold, as far as they have told. */
  private long held;

  /** What the events of closed connections hold, which were cancelled and have not ended yet. */
  private long leaving;

  IntakeGuard(Collection<Session> sessions, long budgetBytes, Duration frameTimeout) {
    this.sessions = sessions;
    this.budgetBytes = budgetBytes;
    this.frameTimeout = frameTimeout;
  }

  /** An open connection now holds so many bytes more, or fewer. */
  void changed(long bytes) {
    held += bytes;
    if (bytes > 0 && isOver()) {
      relieve();
    }
  }

  /**
   * A connection was closed.
   *
   * @param hadHeld what it had told that it held
   * @param stays what its events still hold
   */
  void closed(long hadHeld, long stays) {
    held -= hadHeld;
    leaving += stays;
  }

  /** An event of a closed connection has ended. */
  void left(long bytes) {
    leaving -= bytes;
  }

  /**
   * What is leaving goes at once, or as soon as threads come back. Nobody is closed for it unless
   * it comes to as much as all may hold: then those who do it again and again had their share.
   */
  private boolean isOver() {
    return held + Math.max(0, leaving - budgetBytes) > budgetBytes;
  }

  private void relieve() {
    for (Session session : sessions) {
      held += session.weigh(); // answers may have been sent since they told
    }
    while (isOver()) {
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

  /** Gives up the peers that have been at one frame for too long, and sees what has been sent. */
  void sweep() {
    long now = System.nanoTime();
    for (Session session : sessions.toArray(Session[]::new)) {
      session.account();
      if (session.frameAge(now) > frameTimeout.toNanos()) {
        session.drop(
            DropReason.SLOW,
            "a frame had begun and was not there after %d ms".formatted(frameTimeout.toMillis()));
      }
    }
  }
}
