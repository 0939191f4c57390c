package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls whose outcome could not be handed on, for the heap had come to its end: it is tried again
 * until a second after their deadline, when nobody waits any more. Allocates nothing.
 */
final class Untold {

  private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);

  private static final Outcome FAULT =
      Outcome.failed(Code.TRAP, "a fault of the agent's own, of which nothing more could be said");

  /** Linked by {@link Call#nextUntold}. */
  private volatile @Nullable Call first;

  /** On any thread; a call that is in it already stays there once. */
  synchronized void add(Call call) {
    for (Call other = first; other != null; other = other.nextUntold) {
      if (other == call) {
        return;
      }
    }
    call.nextUntold = first;
    first = call;
  }

  /**
   * The watchdog's: tries again.
   *
   * @return in how many nanoseconds to try once more; {@code never} if there is nothing
   */
  long tell(long now, long patience, long never) {
    if (first == null) {
      return never;
    }
    Call call = takeAll();
    while (call != null) {
      Call next = call.nextUntold;
      call.nextUntold = null;
      try {
        call.complete(FAULT); // unless somebody has by now
      } catch (Throwable e) {
        if (now - call.deadline() < LONGEST) {
          add(call);
        }
      }
      call = next;
    }
    return first == null ? never : patience;
  }

  private synchronized @Nullable Call takeAll() {
    Call all = first;
    first = null;
    return all;
  }
}
