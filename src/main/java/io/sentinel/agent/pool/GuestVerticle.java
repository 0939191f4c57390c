package io.sentinel.agent.pool;

import static java.util.Objects.requireNonNull;

import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.Guest;
import io.sentinel.agent.wasm.GuestException;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One slot of the pool: a worker verticle that owns one guest. Called on its own address, it drains
 * the pool's queue until nothing waits.
 */
final class GuestVerticle extends AbstractVerticle {

  private static final Logger LOG = Logger.getLogger(GuestVerticle.class);

  private static final int IDLE = 0;

  /** Called or draining. */
  private static final int RUNNING = 1;

  /** Without an instance, until making one is tried again. */
  private static final int BROKEN = 2;

  /** Not to be called again. */
  private static final int RETIRED = 3;

  /** Making its first instance. */
  private static final int STARTING = 4;

  private static final long FIRST_BACKOFF_MS = 100;
  private static final long LAST_BACKOFF_MS = 10_000;

  private final GuestPool pool;
  private final String address;
  private final AtomicInteger state = new AtomicInteger(STARTING);
  private final IdleSpin spin = new IdleSpin();
  private volatile @Nullable Deadline deadline;
  private volatile boolean retiring;
  private @Nullable Guest guest;
  private @Nullable CompiledModule madeFrom;
  private long backoffMs = FIRST_BACKOFF_MS;

  GuestVerticle(GuestPool pool, String address) {
    this.pool = pool;
    this.address = address;
  }

  /**
   * Makes the guest, so that the deployment is over when the slot is ready.
   *
   * @throws ModuleException if it cannot be made
   */
  @Override
  public void start() {
    makeGuest();
    MessageConsumer<Object> calls = vertx.eventBus().localConsumer(address);
    calls.handler(_ -> drain());
    state.compareAndSet(STARTING, IDLE);
  }

  String address() {
    return address;
  }

  /** What this slot must end by now, or null if it does nothing that has to end. */
  @Nullable Deadline deadline() {
    return deadline;
  }

  boolean isIdle() {
    return state.get() == IDLE;
  }

  /** Whether the slot has an instance. */
  boolean isReady() {
    int now = state.get();
    return now == IDLE || now == RUNNING;
  }

  boolean isRetiring() {
    return retiring;
  }

  boolean isBusy() {
    Deadline current = deadline;
    return current != null && current.call() != null;
  }

  /** Claims an idle slot for the caller, who then has to call its address. */
  boolean claim() {
    return state.compareAndSet(IDLE, RUNNING);
  }

  /** Lets the slot end after what it does now; true if it does nothing. */
  boolean retire() {
    retiring = true;
    return state.compareAndSet(IDLE, RETIRED)
        || state.compareAndSet(BROKEN, RETIRED)
        || state.compareAndSet(STARTING, RETIRED);
  }

  /**
   * Leaves the thread to its guest: whatever it still does has no effect.
   *
   * @return whether the slot was running until now
   */
  boolean abandon() {
    retiring = true;
    return state.getAndSet(RETIRED) == RUNNING;
  }

  private void drain() {
    CallQueue queue = pool.queue();
    while (state.get() == RUNNING) {
      Call call = queue.poll();
      if (call == null && pool.isLastRunning()) {
        pool.spinning(true);
        call = spin.poll(queue);
        pool.spinning(false);
      }
      if (call == null) {
        if (!pool.goIdle(this)) {
          return;
        }
      } else {
        spin.worked(call);
        run(call);
      }
    }
  }

  /** Gives the slot back; true if it was taken again because something came in meanwhile. */
  boolean rest() {
    spin.idle();
    if (retiring) {
      state.compareAndSet(RUNNING, RETIRED);
      return false;
    }
    return state.compareAndSet(RUNNING, IDLE);
  }

  private void run(Call call) {
    if (!call.start()) {
      return;
    }
    Guest current = requireNonNull(guest); // a running slot has one
    long started = System.nanoTime();
    pool.startedCall(started);
    Deadline armed = new Deadline(call.deadline(), Thread.currentThread(), call);
    deadline = armed;
    Outcome outcome = outcome(current, call);
    long ended = System.nanoTime();
    boolean inTime = armed.disarm();
    deadline = null;
    if (inTime) {
      call.complete(outcome);
      if (outcome instanceof Outcome.Decided) {
        pool.observer().called(call.event().type(), started - call.arrived(), ended - started);
      }
    }
    if (!inTime) {
      discard(call.isCancelled() ? Code.CANCELLED : Code.TIMEOUT);
    } else if (outcome instanceof Outcome.Failed(AgentFailure failure)) {
      discard(failure.code());
    } else if (madeFrom != pool.module()) {
      remake();
    }
  }

  /** The one place where what a guest throws becomes a failure. */
  private static Outcome outcome(Guest guest, Call call) {
    try {
      return new Outcome.Decided(guest.call(call.event()));
    } catch (GuestException e) {
      return Outcome.failed(e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("A fault of the agent's own in a call", e);
      return Outcome.failed(Code.TRAP, "a fault of the agent's own: " + e);
    }
  }

  private void discard(Code reason) {
    pool.observer().instanceDiscarded(reason);
    if (state.get() == RUNNING) {
      remake();
    }
  }

  private void remake() {
    guest = null;
    try {
      makeGuest();
    } catch (ModuleException e) {
      LOG.errorf("No instance of the module can be made: %s", e.getMessage());
      rebuildLater();
    }
  }

  private void rebuildLater() {
    if (!state.compareAndSet(RUNNING, BROKEN)) {
      return;
    }
    pool.slotBroke();
    vertx.setTimer(backoffMs, _ -> rebuild());
    backoffMs = Math.min(LAST_BACKOFF_MS, backoffMs * 2);
  }

  private void rebuild() {
    if (!state.compareAndSet(BROKEN, RUNNING)) {
      return;
    }
    pool.slotRuns();
    remake();
    if (state.get() == RUNNING) {
      backoffMs = FIRST_BACKOFF_MS;
      drain();
    }
  }

  private void makeGuest() {
    CompiledModule module = pool.module();
    Deadline armed =
        new Deadline(
            System.nanoTime() + pool.settings().loadTimeout().toNanos(),
            Thread.currentThread(),
            null);
    deadline = armed;
    pool.watchdog().lookBy(armed.at());
    Guest made = null;
    ModuleException problem = null;
    try {
      made = module.instantiate();
    } catch (ModuleException e) {
      problem = e;
    }
    boolean inTime = armed.disarm();
    deadline = null;
    if (!inTime) {
      throw new ModuleException(
          "its start did not end within " + pool.settings().loadTimeout().toMillis() + " ms");
    }
    if (problem != null) {
      throw problem;
    }
    guest = made;
    madeFrom = module;
    pool.observer().instanceMade();
  }
}
