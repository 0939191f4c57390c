package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Outcome;
import java.util.function.Consumer;

/** One event of one connection, on its way to its answer. */
final class Exchange implements Consumer<Outcome> {

  private final Session session;
  private final AgentEvent event;
  private final long arrived = System.nanoTime();
  private volatile Outcome outcome = PENDING;

  private static final Outcome PENDING =
      Outcome.failed(io.sentinel.agent.message.AgentFailure.Code.CLOSED, "no outcome yet");

  Exchange(Session session, AgentEvent event) {
    this.session = session;
    this.event = event;
  }

  Session session() {
    return session;
  }

  AgentEvent event() {
    return event;
  }

  /** When the event was decoded, as {@link System#nanoTime} tells time. */
  long arrived() {
    return arrived;
  }

  Outcome outcome() {
    return outcome;
  }

  /** Ends the exchange; called once, on any thread. */
  @Override
  public void accept(Outcome ended) {
    outcome = ended;
    session.outbox().offer(this);
  }
}
