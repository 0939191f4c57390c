package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.Call;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One event of one connection, on its way to its answer. */
final class Exchange implements Consumer<Outcome> {

  private static final Outcome PENDING = Outcome.failed(AgentFailure.Code.CLOSED, "no outcome yet");

  private final Session session;
  private final AgentEvent event;
  private final int frameBytes;
  private final long arrived = System.nanoTime();
  private volatile Outcome outcome = PENDING;
  private @Nullable Call call;

  Exchange(Session session, AgentEvent event, int frameBytes) {
    this.session = session;
    this.event = event;
    this.frameBytes = frameBytes;
  }

  Session session() {
    return session;
  }

  AgentEvent event() {
    return event;
  }

  /** The size of the frame that the event came in. */
  int frameBytes() {
    return frameBytes;
  }

  /** When the event was decoded, as {@link System#nanoTime} tells time. */
  long arrived() {
    return arrived;
  }

  Outcome outcome() {
    return outcome;
  }

  /** The call that the event has become, if it has; on the event loop. */
  @Nullable Call call() {
    return call;
  }

  void setCall(Call made) {
    call = made;
  }

  /** Ends the exchange; called once, on any thread. */
  @Override
  public void accept(Outcome ended) {
    outcome = ended;
    session.outbox().offer(this);
  }
}
