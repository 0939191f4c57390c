package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.pool.LogOrigin;
import io.sentinel.agent.text.LogText;
import org.jboss.logging.Logger;

/**
 * Logs each event at debug, and what goes wrong with events and connections, in bounds. Belongs to
 * one event loop.
 */
final class EventLog {

  private static final Logger LOG = Logger.getLogger(EventLog.class);

  private final LogOrigin origin;
  private final LogBudget moduleErrors;
  private final LogBudget droppedConnections;
  private volatile boolean begun;

  EventLog(LogOrigin origin) {
    this.origin = origin;
    this.moduleErrors = new LogBudget(LOG, "Module errors", origin);
    this.droppedConnections = new LogBudget(LOG, "Closed connections", origin);
  }

  /** From here on, events are a proxy's: those of the rehearsal before have no line. */
  void begin() {
    begun = true;
  }

  /**
   * The line of each event.
   *
   * @param end what became of it, in a word
   */
  void ended(AgentEvent event, String end, long tookNanos) {
    if (LOG.isDebugEnabled() && begun) {
      try (LogOrigin.Fields _ = origin.fields(event)) {
        LOG.debugf("Event: %s after %d us %s", end, tookNanos / 1_000, origin.of(event));
      }
    }
  }

  void failed(AgentEvent event, AgentFailure failure) {
    if (moduleErrors.allowsOne()) {
      try (LogOrigin.Fields _ = origin.fields(event)) {
        LOG.warnf(
            "Module error %s: %s %s",
            failure.code().label(), LogText.of(failure.detail()), origin.of(event));
      }
    }
  }

  void late(AgentEvent event, long millis) {
    if (droppedConnections.allowsOne()) {
      try (LogOrigin.Fields _ = origin.fields(event)) {
        LOG.warnf(
            "Closing a connection: its answer is %d ms late, and the proxy might take it for the"
                + " answer to its next event %s",
            millis, origin.of(event));
      }
    }
  }

  void dropped(String why) {
    if (droppedConnections.allowsOne()) {
      LOG.warnf("Closing a connection: %s", LogText.of(why));
    }
  }

  void fault(Throwable e) {
    if (droppedConnections.allowsOne()) {
      LOG.error("Closing a connection: a fault of the agent's own", e);
    }
  }

  /** Tells of what was held back more than a second ago: to be called now and then. */
  void tellHeldBack() {
    moduleErrors.tellHeldBack();
    droppedConnections.tellHeldBack();
  }
}
