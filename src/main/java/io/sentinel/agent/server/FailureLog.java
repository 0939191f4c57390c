package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.text.LogText;
import org.jboss.logging.Logger;

/** Logs what goes wrong with events and connections, in bounds. Belongs to one event loop. */
final class FailureLog {

  private static final Logger LOG = Logger.getLogger(FailureLog.class);

  private final LogBudget moduleErrors = new LogBudget(LOG, "Module errors");
  private final LogBudget droppedConnections = new LogBudget(LOG, "Closed connections");

  void log(AgentEvent event, AgentFailure failure) {
    if (moduleErrors.allowsOne()) {
      LOG.warnf(
          "Module error %s: %s [correlation_id=%s event=%s]",
          failure.code().label(),
          LogText.of(failure.detail()),
          LogText.of(event.correlationId()),
          event.type().label());
    }
  }

  void dropped(String why) {
    if (droppedConnections.allowsOne()) {
      LOG.warnf("Closing a connection: %s", LogText.of(why));
    }
  }
}
