package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One event on its way through the pool. It is completed once, by whoever is first. */
public final class Call {

  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int DONE = 2;
  private static final int CANCELLED = 3;

  private final AgentEvent event;
  private final long arrived;
  private final long deadline;
  private final Completion completion;

  /** Its neighbour in {@link Untold}, which alone uses it. */
  @Nullable Call nextUntold;

  private final AtomicInteger state = new AtomicInteger(WAITING);

  /**
   * @param arrived and deadline as {@link System#nanoTime} tells time
   */
  Call(AgentEvent event, long arrived, long deadline, Completion completion) {
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

  /** Who is told the outcome. */
  Completion completion() {
    return completion;
  }

  boolean isCancelled() {
    return state.get() == CANCELLED;
  }

  /**
   * Ends the call; false if it had ended before. If telling it fails, the call goes on, and whoever
   * comes next may end it.
   */
  boolean complete(Outcome outcome) {
    return end(DONE, () -> completion.accept(outcome));
  }

  /** The same for an outcome that others follow at once. */
  boolean completeHeld(Outcome outcome) {
    return end(DONE, () -> completion.hold(outcome));
  }

  /** Ends the call because nobody waits for it; false if it had ended before. */
  boolean cancel() {
    return end(
        CANCELLED,
        () -> completion.accept(Outcome.failed(Code.CANCELLED, "cancelled by the proxy")));
  }

  private boolean end(int how, Runnable tell) {
    int before = state.get();
    while (before == WAITING || before == RUNNING) {
      if (state.compareAndSet(before, how)) {
        try {
          tell.run();
        } catch (Throwable e) { // any code may meet the heap's end
          state.set(before);
          throw e;
        }
        return true;
      }
      before = state.get();
    }
    return false;
  }
}
