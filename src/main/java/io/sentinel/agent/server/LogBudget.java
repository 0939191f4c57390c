package io.sentinel.agent.server;

import io.sentinel.agent.pool.LogOrigin;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A bounded number of lines in a second for one kind of trouble: it shall cost its events or its
 * connections, and not the disk. Belongs to one event loop.
 */
final class LogBudget {

  private static final int PER_SECOND = 20;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Logger log;
  private final String kind;
  private final LogOrigin origin;
  private long secondBegan = System.nanoTime();
  private int logged;
  private long heldBack;

  /**
   * @param kind what the lines are about, as in "Module errors"
   * @param origin of the module that they are about
   */
  LogBudget(Logger log, String kind, LogOrigin origin) {
    this.log = log;
    this.kind = kind;
    this.origin = origin;
  }

  /** Whether one more line may be written; counts it if not, and tells of those held back. */
  boolean allowsOne() {
    tellHeldBack();
    if (logged == PER_SECOND) {
      heldBack++;
      return false;
    }
    logged++;
    return true;
  }

  /** Tells of the lines held back, once their second is over. */
  void tellHeldBack() {
    long now = System.nanoTime();
    if (now - secondBegan > SECOND) {
      if (heldBack > 0) {
        try (LogOrigin.Fields _ = origin.fieldsOfModule()) {
          log.warnf("%s: %d more were not logged %s", kind, heldBack, origin.ofModule());
        }
      }
      secondBegan = now;
      logged = 0;
      heldBack = 0;
    }
  }
}
