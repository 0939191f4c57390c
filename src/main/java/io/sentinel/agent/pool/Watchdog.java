package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Keeps the pool's promises about time, on a thread that no guest can hold up: it answers a call at
 * its deadline and interrupts the guest, answers what waited too long, calls another slot when an
 * event has waited behind a slow call, and gives up threads that do not come back.
 *
 * <p>It looks at what runs and at the head of the queue only, so a call that ends in time costs it
 * nothing.
 */
final class Watchdog {

  private static final Logger LOG = Logger.getLogger(Watchdog.class);

  /** How long an event may wait while a slot is idle. */
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(1);

  /** How long an interrupted thread may take to come back before it is given up. */
  private static final long STUCK_AFTER = TimeUnit.MILLISECONDS.toNanos(250);

  /** A look that is so late says that the process stood still, and its slots with it. */
  private static final long STOOD_STILL = TimeUnit.MILLISECONDS.toNanos(50);

  /** How long looks may fail, one after the other, before the process had better end. */
  private static final long HOPELESS_AFTER = TimeUnit.SECONDS.toNanos(1);

  private static final long IDLE = TimeUnit.HOURS.toNanos(1);

  static final Outcome TIMED_OUT =
      Outcome.failed(Code.TIMEOUT, "the call did not end by its deadline");

  private final long timeout;
  private final GuestPool pool;
  private final CallQueue queue;
  private final Untold untold = new Untold();
  private final Thread thread;
  private volatile boolean closed;

  /** When the last look came that was far too late. */
  private long resumed = System.nanoTime();

  /** Whether the last look failed, and since when all have. */
  private boolean failing;

  private long failingSince;

  /** When the next look comes by itself; while a look is going on, far away. */
  private volatile long nextLook;

  /** Whether anything was submitted since the last look. */
  private volatile boolean active;

  /** Whether anything was since then that might wait behind a slow call. */
  private volatile boolean crowded;

  /**
   * @param timeout of every call, in nanoseconds
   */
  Watchdog(GuestPool pool, CallQueue queue, long timeout) {
    this.timeout = timeout;
    this.pool = pool;
    this.queue = queue;
    this.nextLook = System.nanoTime() + IDLE;
    this.thread = Thread.ofPlatform().daemon().name("wasm-watchdog").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Sees to it that there is a look at that time, or before. */
  void lookBy(long time) {
    if (!active) {
      active = true;
    }
    if (nextLook - time > 0) {
      LockSupport.unpark(thread);
    }
  }

  /** Sees to it that what has waited since then does not wait for long behind a slow call. */
  void lookAfterPatience(long since) {
    if (!crowded) {
      crowded = true;
    }
    lookBy(since + PATIENCE);
  }

  /** Sees to it that a thread that was just interrupted is given up in time. */
  void lookAfterFiring() {
    lookBy(System.nanoTime() + STUCK_AFTER);
  }

  private void run() {
    while (!closed) {
      long next = PATIENCE;
      try {
        next = look();
        failing = false;
      } catch (Throwable e) { // without this thread no deadline would be kept
        failed(e);
      }
      LockSupport.parkNanos(this, next);
    }
  }

  /** Looks at everything; returns in how many nanoseconds to look again. */
  private long look() {
    long now = System.nanoTime();
    if (now - nextLook > STOOD_STILL) {
      resumed = now;
    }
    // Until the look is over, whoever adds something earlier wakes this thread once more.
    nextLook = now + IDLE;
    long next = untold.tell(now, PATIENCE, IDLE);
    next = Math.min(next, Math.min(rhythm(), Math.min(slots(now), waiting(now))));
    nextLook = now + next;
    return next;
  }

  /** What fails once goes on with the next look; for long, it is a matter for a new process. */
  private void failed(Throwable problem) {
    long now = System.nanoTime();
    boolean first = !failing;
    if (first) {
      failing = true;
      failingSince = now;
    }
    try {
      if (first) {
        LOG.error("A fault of the agent's own in its look at deadlines", problem);
      } else if (now - failingSince > HOPELESS_AFTER) {
        failingSince = now;
        pool.fail(problem);
      }
    } catch (Throwable worse) {
      // the next look comes all the same
    }
  }

  /**
   * How long to sleep where nothing is due: while events come, short enough that no event has to
   * wake this thread. A call that arrives from now on is due after the timeout at the earliest.
   */
  private long rhythm() {
    long rhythm = IDLE;
    if (active) {
      active = false;
      rhythm = timeout;
    }
    if (crowded) {
      crowded = false;
      rhythm = Math.min(rhythm, PATIENCE);
    }
    return rhythm;
  }

  /** Looks at the slots; returns in how many nanoseconds to look again. */
  private long slots(long now) {
    long next = IDLE;
    List<GuestVerticle> slots = pool.slots();
    for (int i = 0; i < slots.size(); i++) {
      GuestVerticle slot = slots.get(i);
      next = Math.min(next, slot.held().releaseIfOverdue(now, PATIENCE, IDLE));
      Deadline deadline = slot.deadline();
      if (deadline == null) {
        continue;
      }
      long left = deadline.at() - now;
      if (left <= 0) {
        expire(deadline);
      }
      if (deadline.hasFired()) {
        left = patience(deadline, now);
        if (left <= 0) {
          pool.giveUp(slot, deadline);
        }
      }
      next = Math.min(next, left > 0 ? left : STUCK_AFTER);
    }
    return next;
  }

  /** How long an interrupted thread may still take; not while the process stood still. */
  private long patience(Deadline deadline, long now) {
    return Math.max(deadline.firedAt() - now, resumed - now) + STUCK_AFTER;
  }

  private void expire(Deadline deadline) {
    Call call = deadline.call();
    if (deadline.fire() && call != null) {
      tell(call, TIMED_OUT);
    }
  }

  /** While this goes on, a slot takes the call for ended: nobody else would tell it. */
  private void tell(Call call, Outcome outcome) {
    try {
      call.complete(outcome);
    } catch (Throwable e) {
      untold.add(call);
      throw e;
    }
  }

  /** Has a call answered, as soon as that can be, whose outcome could not be handed on. */
  void tellLater(Call call) {
    untold.add(call);
    lookBy(System.nanoTime());
  }

  private Outcome tooLate() {
    return pool.scheduler().hasReadySlot()
        ? Outcome.failed(Code.OVERLOADED, "no slot was free before the deadline")
        : Outcome.failed(Code.CRASH_LOOP, "no slot has had an instance for a while");
  }

  /** Looks at the head of the queue; returns in how many nanoseconds to look again. */
  private long waiting(long now) {
    Call oldest = queue.peek();
    while (oldest != null && oldest.deadline() - now <= 0) {
      Outcome late = tooLate();
      queue.remove(oldest);
      tell(oldest, late);
      oldest = queue.peek();
    }
    if (oldest == null) {
      return IDLE;
    }
    long next = oldest.deadline() - now;
    if (pool.scheduler().hasIdleSlot()) {
      long patience = oldest.arrived() + PATIENCE - now;
      if (patience <= 0) {
        pool.scheduler().callAnother();
        patience = PATIENCE;
      }
      next = Math.min(next, patience);
    }
    return next;
  }
}
