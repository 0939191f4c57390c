package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * When which slot is called. Events wait in one queue; a slot that runs pulls from it until it is
 * empty, and another one is called only when those fall behind. See "Why do slots pull?" in
 * RATIONALE.md.
 */
final class Scheduler {

  /** So many events per running slot may wait before another slot is called at once. */
  private static final int BACKLOG_PER_SLOT = 16;

  /** When the running slots have begun no call for so long, they are in slow ones. */
  private static final long SLOW = TimeUnit.MICROSECONDS.toNanos(200);

  private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

  private final Vertx vertx;
  private final CallQueue queue;
  private final Slots slots;
  private final Watchdog watchdog;

  /** Slots that drain the queue or were called to. */
  private final AtomicInteger running = new AtomicInteger();

  /** When a slot last began a call. */
  private volatile long lastStart = System.nanoTime();

  /** Whether a slot stands by to take the next call at once. */
  private volatile boolean spinning;

  Scheduler(Vertx vertx, CallQueue queue, Slots slots, Watchdog watchdog) {
    this.vertx = vertx;
    this.queue = queue;
    this.slots = slots;
    this.watchdog = watchdog;
  }

  /** A call was put into the queue. */
  void queued(Call call) {
    watchdog.lookBy(call.deadline());
    int runningNow = running.get();
    if (runningNow == 0 || queue.size() > BACKLOG_PER_SLOT * runningNow) {
      if (!callAnother() && running.get() == 0) {
        failIfBroken();
      }
    } else if (!spinning && hasIdleSlot()) {
      if (call.arrived() - lastStart > SLOW) {
        callAnother();
      } else {
        watchdog.lookAfterPatience(call.arrived());
      }
    }
  }

  /** With no slot that could ever take them, events are answered at once. */
  private void failIfBroken() {
    for (GuestVerticle slot : slots.all()) {
      if (slot.isServing() || slot.isStarting()) {
        return;
      }
    }
    queue.failAll(Outcome.failed(Code.CRASH_LOOP, "no instance can be made"));
  }

  /** Calls one idle slot; false if there is none. */
  boolean callAnother() {
    List<GuestVerticle> all = slots.all();
    for (int i = 0; i < all.size(); i++) {
      GuestVerticle slot = all.get(i);
      if (slot.claim()) {
        running.incrementAndGet();
        try {
          vertx.eventBus().send(slot.address(), null, LOCAL);
        } catch (Throwable e) { // or it would be taken for one that runs
          running.decrementAndGet();
          slot.unclaim();
          throw e;
        }
        return true;
      }
    }
    return false;
  }

  /** What came in while there was no idle slot waits for nobody: new slots are to take it. */
  void callForWaiting() {
    for (int waiting = queue.size(); waiting > 0 && callAnother(); waiting--) {
      // as many slots as there are events, or as are idle
    }
  }

  boolean hasIdleSlot() {
    List<GuestVerticle> all = slots.all();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).isIdle()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a slot has an instance, or is about to have one. */
  boolean hasReadySlot() {
    return slots.all().stream().anyMatch(slot -> slot.isReady() || slot.isStarting());
  }

  /** What a slot is to do that found the queue empty. */
  enum Next {
    /** Something came in that nobody else was called for. */
    GO_ON,
    REST,
    /** It was to retire, and has. */
    END
  }

  /** A slot that found nothing to do goes idle. */
  Next goIdle(GuestVerticle slot) {
    GuestVerticle.Rest rest = slot.rest();
    if (rest == GuestVerticle.Rest.GIVEN_UP) {
      return Next.REST;
    }
    running.decrementAndGet();
    if (rest == GuestVerticle.Rest.RETIRED || (slot.isRetiring() && slot.retire())) {
      return Next.END;
    }
    if (!queue.isEmpty() && slot.claim()) {
      running.incrementAndGet();
      return Next.GO_ON;
    }
    return Next.REST;
  }

  boolean isLastRunning() {
    return running.get() == 1;
  }

  void startedCall(long now) {
    lastStart = now;
  }

  /** A slot waits actively for the next call: nobody has to be called for it. */
  void beginActiveWait() {
    spinning = true;
  }

  /** It does so no more; a call that came with the one it has taken was left to it. */
  void endActiveWait() {
    spinning = false;
    Call waiting = queue.peek();
    if (waiting != null && hasIdleSlot()) {
      watchdog.lookAfterPatience(waiting.arrived());
    }
  }

  /** A running slot is without an instance. */
  void slotBroke() {
    running.decrementAndGet();
    if (!queue.isEmpty() && !callAnother()) {
      failIfBroken();
    }
  }

  /** It tries to make one, and goes on with the queue then. */
  void slotRuns() {
    running.incrementAndGet();
  }

  /** A running slot's thread was given up. */
  void slotLost() {
    running.decrementAndGet();
  }
}
