package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One event on its way through the pool. It is completed exactly once, by whoever is first. */
public final class Call {

  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int DONE = 2;
  private static final int CANCELLED = 3;

  private final AgentEvent event;
  private final long arrived;
  private final long deadline;
  private final Consumer<Outcome> completion;
  private final AtomicInteger state = new AtomicInteger(WAITING);

  /**
   * @param arrived and deadline as {@link System#nanoTime} tells time
   * @param completion called once, on any thread
   */
  Call(AgentEvent event, long arrived, long deadline, Consumer<Outcome> completion) {
    this.event = event;
    this.arrived = arrived;
    this.deadline = deadline;
    this.completion = completion;
  }

  AgentEvent event() {
    return event;
  }

  long arrived() {
    return arrived;
  }

  long deadline() {
    return deadline;
  }

  /** Claims the call for a slot; false if it was completed while it waited. */
  boolean start() {
    return state.compareAndSet(WAITING, RUNNING);
  }

  boolean isCancelled() {
    return state.get() == CANCELLED;
  }

  /** Ends the call; false if it had ended before. */
  boolean complete(Outcome outcome) {
    return end(DONE, outcome);
  }

  /** Ends the call because nobody waits for it; false if it had ended before. */
  boolean cancel() {
    return end(CANCELLED, Outcome.failed(Code.CANCELLED, "cancelled by the proxy"));
  }

  private boolean end(int how, Outcome outcome) {
    int now = state.get();
    while (now == WAITING || now == RUNNING) {
      if (state.compareAndSet(now, how)) {
        completion.accept(outcome);
        return true;
      }
      now = state.get();
    }
    return false;
  }
}
