package io.sentinel.agent.pool;

import static java.util.Objects.requireNonNull;

import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.Guest;
import io.sentinel.agent.wasm.GuestException;
import io.sentinel.agent.wasm.GuestState;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.TimeUnit;
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

  /** Making its first instance, or standing by with it for a module that is not served yet. */
  private static final int STARTING = 4;

  /** Making an instance anew takes less, where nothing is wrong. */
  private static final long A_MOMENT = TimeUnit.SECONDS.toNanos(1);

  private static final long WAIT_MICROS = 100;
  private static final int LOOKS_AT_ONCE = 32;

  private static final int NO_GUEST = -1;

  private final GuestPool pool;
  private final CompiledModule module;
  private final String address;
  private final AtomicInteger state = new AtomicInteger(STARTING);
  private final ActiveWait wait = new ActiveWait(WAIT_MICROS);
  private final HeldOutcomes held = new HeldOutcomes();
  private final Promise<Void> ended = Promise.promise();
  private volatile @Nullable Deadline deadline;
  private volatile boolean retiring;
  private volatile boolean givenUp;

  /** Whether the slot is not to be called before it is released. */
  private volatile boolean standby;

  private @Nullable Guest guest;

  /** What the guest is brought back to after each event, where each shall find it fresh. */
  private @Nullable GuestState fresh;

  /** Since when the slot has been without an instance; 0 while it has one. */
  private volatile long withoutGuestSince;

  /** The size of the guest's memory after its last call; {@link #NO_GUEST} while there is none. */
  private volatile int memoryBytes = NO_GUEST;

  private long backoffMs = GuestPool.FIRST_BACKOFF_MS;

  /**
   * @param standby whether it waits for {@link #release} when its guest is made
   */
  GuestVerticle(GuestPool pool, CompiledModule module, String address, boolean standby) {
    this.pool = pool;
    this.module = module;
    this.address = address;
    this.standby = standby;
  }

  /**
   * Makes the guest, so that the deployment is over when the slot is ready.
   *
   * @throws ModuleException if it cannot be made
   */
  @Override
  public void start() {
    try {
      makeGuest();
    } finally {
      sayIfGivenUp();
    }
    MessageConsumer<Object> calls = vertx.eventBus().localConsumer(address);
    calls.handler(_ -> orFail(this::drain));
    if (!standby) {
      state.compareAndSet(STARTING, IDLE);
    }
  }

  /** Lets a slot that stood by, and was deployed, serve. */
  void release() {
    standby = false;
    state.compareAndSet(STARTING, IDLE);
  }

  /** Succeeds when the slot runs no call any more and takes none. */
  Future<Void> ended() {
    return ended.future();
  }

  void setEnded() {
    ended.tryComplete();
  }

  boolean isStandby() {
    return standby;
  }

  /** The module whose instances the slot runs, for all its life. */
  CompiledModule module() {
    return module;
  }

  /** By which it can be undeployed; null before it is deployed. */
  @Nullable String deployment() {
    Context own = context; // set by Vert.x, before it calls start
    return own == null ? null : own.deploymentID();
  }

  String address() {
    return address;
  }

  /** What this slot must end by now, or null if it does nothing that has to end. */
  @Nullable Deadline deadline() {
    return deadline;
  }

  HeldOutcomes held() {
    return held;
  }

  boolean isIdle() {
    return state.get() == IDLE;
  }

  /** Whether the slot takes events, now or as soon as it has a new instance. */
  boolean isServing() {
    int now = state.get();
    return now == IDLE || now == RUNNING;
  }

  /** Whether the slot may come to serve soon. */
  boolean isStarting() {
    return state.get() == STARTING;
  }

  /** Whether the slot has an instance, or has been without one only for a moment. */
  boolean isReady() {
    long since = withoutGuestSince;
    return isServing() && (since == 0 || System.nanoTime() - since < A_MOMENT);
  }

  /** What the guest's memory takes, as after its last call; 0 without one. */
  int memoryBytes() {
    return Math.max(0, memoryBytes);
  }

  boolean hasGuest() {
    return memoryBytes != NO_GUEST;
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

  /** Takes a claim back: nobody was called. */
  void unclaim() {
    state.compareAndSet(RUNNING, IDLE);
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
    givenUp = true;
    return state.getAndSet(RETIRED) == RUNNING;
  }

  private void sayIfGivenUp() {
    if (givenUp) {
      pool.cameBack();
    }
  }

  /** What fails around the calls leaves nobody to say what the slot does. */
  private void orFail(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      pool.fail(e);
    }
  }

  private void drain() {
    CallQueue queue = pool.queue();
    while (state.get() == RUNNING) {
      Call call = retiring ? null : queue.poll();
      if (call == null) {
        held.release();
        if (!retiring && pool.scheduler().isLastRunning()) {
          call = waitFor(queue);
        }
      }
      if (call == null) {
        if (!pool.goIdle(this)) {
          break;
        }
      } else {
        wait.worked(call.arrived());
        run(call);
      }
    }
    held.release();
    sayIfGivenUp();
  }

  /** The short wait of the last running slot, before it goes idle. */
  private @Nullable Call waitFor(CallQueue queue) {
    wait.idle();
    pool.scheduler().beginActiveWait();
    Call call = null;
    while (call == null && wait.goesOn()) {
      for (int i = 0; call == null && i < LOOKS_AT_ONCE; i++) {
        Thread.onSpinWait();
        call = queue.isEmpty() ? null : queue.poll();
      }
    }
    pool.scheduler().endActiveWait();
    return call;
  }

  /** What a slot is that has stopped running. */
  enum Rest {
    IDLE,
    RETIRED,
    /** It was not running any more: the pool had given it up. */
    GIVEN_UP
  }

  /** Stops running. */
  Rest rest() {
    wait.idle();
    if (retiring) {
      return state.compareAndSet(RUNNING, RETIRED) ? Rest.RETIRED : Rest.GIVEN_UP;
    }
    return state.compareAndSet(RUNNING, IDLE) ? Rest.IDLE : Rest.GIVEN_UP;
  }

  /** Runs a call; whatever goes wrong, it is answered, and the slot goes on or the process ends. */
  private void run(Call call) {
    if (!call.start()) {
      return;
    }
    try {
      decide(call);
    } catch (Throwable e) { // any code may meet the heap's end
      try {
        recover(call, e);
      } catch (Throwable worse) {
        pool.fail(worse);
      }
    }
  }

  /** Something failed around the guest: how far things had come nobody knows, so it has to go. */
  private void recover(Call call, Throwable problem) {
    Deadline armed = deadline;
    if (armed != null) {
      armed.disarm();
      deadline = null;
    }
    try {
      call.complete(fault(call, problem)); // if it has no answer yet
    } catch (Throwable again) {
      pool.watchdog().tellLater(call);
    }
    discard(Code.TRAP);
  }

  private void decide(Call call) {
    Guest current = requireNonNull(guest); // a running slot has one
    long started = System.nanoTime();
    pool.scheduler().startedCall(started);
    Deadline armed = new Deadline(call.deadline(), Thread.currentThread(), call);
    deadline = armed;
    pool.watchdog().lookBy(armed.at()); // a look that is going on may have missed it in the queue
    if (call.isCancelled()) { // before there was a deadline to fire
      armed.disarm();
      deadline = null;
      return;
    }
    Ended end = end(current, call);
    Outcome outcome = end.outcome();
    long ended = System.nanoTime();
    boolean inTime = armed.disarm();
    deadline = null;
    noteMemory(current);
    if (inTime) {
      boolean first = tell(call, end, ended); // nobody has cancelled it
      if (first && outcome instanceof Outcome.Decided) {
        pool.observer().called(call.event().type(), started - call.arrived(), ended - started);
      }
    }
    if (!inTime) {
      call.complete(Watchdog.TIMED_OUT); // if the watchdog could not say so
      discard(call.isCancelled() ? Code.CANCELLED : Code.TIMEOUT);
    } else if (!end.guestIsSound() && outcome instanceof Outcome.Failed(AgentFailure failure)) {
      discard(failure.code());
    } else if (fresh != null) {
      fresh.restore();
    } else if (current.isWorn()) {
      recycle();
    }
  }

  private boolean tell(Call call, Ended end, long now) {
    if (end.guestIsSound() && held.mayHold(pool.queue().size(), now)) {
      boolean first = call.completeHeld(end.outcome());
      if (first && held.add(call.completion(), now)) {
        pool.watchdog().lookAfterPatience(now);
      }
      return first;
    }
    held.clear();
    return call.complete(end.outcome());
  }

  /** The one place where what a guest throws becomes a failure. */
  private Ended end(Guest guest, Call call) {
    try {
      return new Ended(new Outcome.Decided(guest.call(call.event())), true);
    } catch (GuestException e) {
      Outcome failed = Outcome.failed(e.code(), String.valueOf(e.getMessage()));
      return new Ended(failed, e.guestIsSound());
    } catch (Throwable e) {
      return new Ended(fault(call, e), false);
    }
  }

  private Outcome fault(Call call, Throwable e) {
    Outcome failed = Outcome.failed(Code.TRAP, "a fault of the agent's own: " + e);
    try (LogOrigin.Fields _ = pool.origin().fields(call.event())) {
      LOG.errorf(e, "A fault of the agent's own in a call %s", pool.origin().of(call.event()));
    } catch (Throwable worse) {
      // the answer matters more than the line
    }
    return failed;
  }

  private record Ended(Outcome outcome, boolean guestIsSound) {}

  private void discard(Code reason) {
    pool.observer().instanceDiscarded(reason);
    throwAway();
  }

  /** The answer is on its way: only an event that waits for this very slot feels it. */
  private void recycle() {
    pool.observer().instanceRecycled();
    throwAway();
  }

  private void throwAway() {
    held.release(); // making another instance takes its time
    memoryBytes = NO_GUEST;
    if (state.get() == RUNNING && !retiring) {
      remake();
    }
  }

  private void noteMemory(Guest current) {
    int now = current.memoryBytes();
    if (now != memoryBytes) { // which is seldom: a look is cheaper than a volatile write
      memoryBytes = now;
    }
  }

  private void remake() {
    guest = null;
    fresh = null;
    if (withoutGuestSince == 0) {
      withoutGuestSince = System.nanoTime();
    }
    try {
      if (!pool.remaking().take(this)) {
        throw new ModuleException("another slot has been at it for over a second");
      }
      makeGuest();
    } catch (Throwable e) {
      rebuildLater(e);
    } finally {
      pool.remaking().giveBack(this);
    }
  }

  private void rebuildLater(Throwable why) {
    if (retiring || state.get() != RUNNING) {
      return;
    }
    vertx.setTimer(backoffMs, _ -> orFail(this::rebuild)); // first: without it, it stays broken
    if (!state.compareAndSet(RUNNING, BROKEN)) {
      return;
    }
    pool.scheduler().slotBroke();
    if (retiring) {
      pool.takeBack(this);
      return;
    }
    LOG.errorf(
        "No instance of the module can be made: %s. It is tried again in %d ms",
        why.getMessage(), backoffMs);
    backoffMs = Math.min(GuestPool.LAST_BACKOFF_MS, backoffMs * 2);
  }

  private void rebuild() {
    if (!state.compareAndSet(BROKEN, RUNNING)) {
      return;
    }
    pool.scheduler().slotRuns();
    remake();
    if (state.get() == RUNNING) {
      backoffMs = GuestPool.FIRST_BACKOFF_MS;
      drain();
    } else {
      sayIfGivenUp();
    }
  }

  private void makeGuest() {
    Deadline armed =
        new Deadline(
            System.nanoTime() + pool.settings().loadTimeout().toNanos(),
            Thread.currentThread(),
            null);
    deadline = armed;
    pool.watchdog().lookBy(armed.at());
    Guest made = null;
    GuestState begin = null;
    ModuleException problem = null;
    try {
      made = module.instantiate(pool.output());
      begin = pool.settings().freshState() ? made.state() : null;
    } catch (ModuleException e) {
      problem = e;
    } catch (Throwable e) { // its state is a copy of its memory
      problem = new ModuleException("it was started, and cannot be kept: " + e, e);
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
    guest = requireNonNull(made);
    noteMemory(made);
    fresh = begin;
    withoutGuestSince = 0;
    pool.observer().instanceMade();
  }
}
