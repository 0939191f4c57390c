package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.Call;
import io.sentinel.agent.pool.Completion;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One event of one connection, on its way to its answer. */
final class Exchange implements Completion {

  private static final Outcome PENDING = Outcome.failed(AgentFailure.Code.CLOSED, "no outcome yet");

  static final Outcome CANCELLED =
      Outcome.failed(AgentFailure.Code.CANCELLED, "cancelled before it became a call");

  private static final Outcome LOST =
      Outcome.failed(AgentFailure.Code.CANCELLED, "lost in a fault of the agent's own");

  private final Session session;
  private final AgentEvent event;
  private final int frameBytes;
  private final long arrived;
  private volatile Outcome outcome = PENDING;
  private @Nullable Call call;
  private boolean cancelled;

  /** Its neighbours in {@link UnderWay}. */
  @Nullable Exchange before;

  @Nullable Exchange after;
  private boolean left;

  Exchange(Session session, AgentEvent event, int frameBytes, long arrived) {
    this.session = session;
    this.event = event;
    this.frameBytes = frameBytes;
    this.arrived = arrived;
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

  /** When the event may have arrived, at the earliest, as {@link System#nanoTime} tells time. */
  long arrived() {
    return arrived;
  }

  Outcome outcome() {
    return outcome;
  }

  void setCall(Call made) {
    call = made;
  }

  /**
   * Nobody waits for it any more; on the event loop.
   *
   * @param cancel ends the call, if the event has become one: else it is not to
   */
  void cancel(Consumer<Call> cancel) {
    cancelled = true;
    if (call != null) {
      cancel.accept(call);
    }
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Ends the exchange; on any thread, and again only where that failed. */
  @Override
  public void accept(Outcome ended) {
    outcome = ended;
    session.outbox().offer(this);
  }

  @Override
  public void hold(Outcome ended) {
    outcome = ended;
    session.outbox().hold(this);
  }

  @Override
  public void release() {
    session.outbox().release();
  }

  /**
   * Something failed on the event's way to the pool, and whether it is there nobody knows: the
   * connection is given up, and the exchange ends, now or once more later.
   */
  void fault(Throwable e) {
    try {
      session.fault(e);
    } finally {
      accept(LOST);
    }
  }

  /** The event loop's, when it takes the exchange up after its end: true the first time. */
  boolean leave() {
    boolean first = !left;
    left = true;
    return first;
  }
}
