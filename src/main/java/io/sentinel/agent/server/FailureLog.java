package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.text.LogText;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Logs module errors, a bounded number in a second: a module that fails on every event shall cost
 * its events, and not the disk. Belongs to one event loop.
 */
final class FailureLog {

  private static final Logger LOG = Logger.getLogger(FailureLog.class);

  private static final int PER_SECOND = 20;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long secondBegan = System.nanoTime();
  private int logged;
  private long heldBack;

  void log(AgentEvent event, AgentFailure failure) {
    long now = System.nanoTime();
    if (now - secondBegan > SECOND) {
      if (heldBack > 0) {
        LOG.warnf("Module errors: %d more were not logged", heldBack);
      }
      secondBegan = now;
      logged = 0;
      heldBack = 0;
    }
    if (logged == PER_SECOND) {
      heldBack++;
      return;
    }
    logged++;
    LOG.warnf(
        "Module error %s: %s [correlation_id=%s event=%s]",
        failure.code().label(),
        LogText.of(failure.detail()),
        LogText.of(event.correlationId()),
        event.type().label());
  }
}
