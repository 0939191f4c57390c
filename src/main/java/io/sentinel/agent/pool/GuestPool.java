package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Has events decided by the instances of one module, each in a slot of its own, and changes slots
 * and module while it runs.
 */
public final class GuestPool {

  private static final Logger LOG = Logger.getLogger(GuestPool.class);

  /** With more threads stuck than this for each slot, a new process is the better one. */
  private static final int MOST_STUCK_PER_SLOT = 2;

  static final long FIRST_BACKOFF_MS = 100;
  static final long LAST_BACKOFF_MS = 10_000;

  private final Vertx vertx;
  private final PoolObserver observer;
  private final GuestOutput output;
  private final LogOrigin origin;
  private final Runnable onHopeless;
  private final CallQueue queue;
  private final Watchdog watchdog;
  private final long timeoutNanos;

  private final Slots slots;
  private final Scheduler scheduler;
  private final Promise<Void> empty = Promise.promise();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Remaking remaking = new Remaking();
  private volatile PoolSettings settings;

  /** What new slots run, and what is said to be handled. */
  private volatile CompiledModule module;

  private volatile boolean closed;

  /** The last change of slots that was asked for: the next one begins when it is over. */
  private Future<Void> lastChange = Future.succeededFuture();

  /**
   * @param output where goes what the module writes
   * @param origin of what the pool logs about events
   * @param onHopeless called when the process had better end: so many threads are stuck, or what
   *     went wrong cannot be mended
   */
  public GuestPool(
      Vertx vertx,
      CompiledModule module,
      PoolSettings settings,
      PoolObserver observer,
      GuestOutput output,
      LogOrigin origin,
      Runnable onHopeless) {
    this.vertx = vertx;
    this.onHopeless = onHopeless;
    this.module = module;
    this.settings = settings;
    this.observer = observer;
    this.output = output;
    this.origin = origin;
    this.timeoutNanos = settings.timeout().toNanos();
    this.queue = new CallQueue(settings.queueCapacity());
    this.slots = new Slots(vertx);
    this.watchdog = new Watchdog(this, queue, timeoutNanos);
    this.scheduler = new Scheduler(vertx, queue, slots, watchdog);
  }

  /** Calls the module on throwaway instances, so that the first real events find a warm JVM. */
  public Future<Void> warmUp() {
    return warmUp(module);
  }

  /** The same with a module that is to be served next. */
  public Future<Void> warmUp(CompiledModule next) {
    return new Warmup(vertx, next).run();
  }

  /** Makes all instances; fails with a ModuleException if one cannot be made. */
  public Future<Void> start() {
    watchdog.start();
    return changeSlots(() -> addSlots(settings.size()));
  }

  /** Whether the module has a handler for such events. */
  public boolean handles(EventType type) {
    return module.handles(type);
  }

  /**
   * Has an event decided.
   *
   * @param completion told the outcome exactly once, on any thread, by the deadline
   * @return by which the call can be cancelled
   */
  public Call submit(AgentEvent event, Completion completion) {
    long now = System.nanoTime();
    Call call = new Call(event, now, now + timeoutNanos, completion);
    if (closed) {
      call.complete(Outcome.failed(Code.CLOSED, "the pool is closed"));
    } else if (!queue.offer(call)) {
      call.complete(Outcome.failed(Code.OVERLOADED, "the queue is full"));
    } else {
      scheduler.queued(call);
    }
    return call;
  }

  /** Ends a call that nobody waits for any more, with {@link Code#CANCELLED}, if it goes on. */
  public void cancel(Call call) {
    if (!call.cancel() || queue.remove(call)) {
      return;
    }
    for (GuestVerticle slot : slots.all()) {
      Deadline deadline = slot.deadline();
      if (deadline != null && deadline.call() == call && deadline.fire()) {
        watchdog.lookAfterFiring();
      }
    }
  }

  /**
   * A slot that found nothing to do goes idle, or ends.
   *
   * @return true if it has to go on
   */
  boolean goIdle(GuestVerticle slot) {
    return switch (scheduler.goIdle(slot)) {
      case GO_ON -> true;
      case REST -> false;
      case END -> {
        retired(slot);
        yield false;
      }
    };
  }

  private void retired(GuestVerticle slot) {
    try {
      slots.remove(slot);
      if (slot.hasGuest()) {
        observer.instanceRetired();
      }
      slots.undeploy(slot);
    } finally {
      slot.setEnded(); // somebody may wait for it
    }
    if (!queue.isEmpty()) {
      scheduler.callAnother();
    }
    completeIfEmpty();
  }

  Remaking remaking() {
    return remaking;
  }

  /** What went wrong could not be mended: only a new process is known to be whole. */
  void fail(Throwable problem) {
    try {
      LOG.fatal("A fault of the agent's own that cannot be mended", problem);
    } finally {
      onHopeless.run();
    }
  }

  /** A thread that was given up has returned from the module after all, and ends. */
  void cameBack() {
    LOG.warnf("A thread that was given up came back (%d are still out)", stuck.decrementAndGet());
  }

  /**
   * Puts a new slot in the place of one whose thread does not come back.
   *
   * @param from what it does not come back from: at the last moment it may have
   */
  void giveUp(GuestVerticle slot, Deadline from) {
    boolean counts = !slot.isRetiring() && !slot.isStandby() && slot.module() == module;
    if (!slots.removeStuck(slot, from)) {
      return;
    }
    if (slot.abandon()) {
      scheduler.slotLost();
    }
    slot.setEnded();
    remaking.giveBack(slot);
    int out = stuck.incrementAndGet();
    observer.threadStuck();
    LOG.errorf("A thread did not come back from the module and was given up (%d are out)", out);
    slots.undeployStuck(slot);
    if (closed) {
      completeIfEmpty();
      return;
    }
    if (out > MOST_STUCK_PER_SLOT * settings.size()) {
      LOG.fatal("So many threads do not come back from the module that a new process is needed");
      onHopeless.run();
      return;
    }
    if (counts) {
      addLost(FIRST_BACKOFF_MS);
    }
  }

  /** A pool that has lost a slot has its size again as soon as an instance can be made. */
  private void addLost(long backoffMs) {
    addSlots(1)
        .onFailure(
            e -> {
              LOG.errorf(
                  "No slot in place of the lost one: %s. It is tried again in %d ms",
                  e.getMessage(), backoffMs);
              vertx.setTimer(backoffMs, _ -> addMissing(Math.min(LAST_BACKOFF_MS, 2 * backoffMs)));
            });
  }

  private void addMissing(long backoffMs) {
    if (!closed && slots.staying().size() < settings.size()) {
      addLost(backoffMs);
    }
  }

  /**
   * Changes the number of slots. New ones are made before it succeeds; with a failure the pool is
   * as it was.
   */
  public Future<Void> resize(int size) {
    return changeSlots(() -> resized(size));
  }

  private Future<Void> resized(int size) {
    PoolSettings wanted = settings.withSize(size);
    int more = size - slots.staying().size();
    if (more > 0) {
      return addSlots(more).onSuccess(_ -> settings = wanted);
    }
    removeSlots(-more);
    settings = wanted;
    return Future.succeededFuture();
  }

  /**
   * Serves another module from here on. Slots with its instances are made beside those that serve;
   * then all events that wait or come go to the new ones, and each old one ends after its call.
   * With a failure the pool is as it was.
   *
   * @return succeeds when the last old slot has ended, which is soon after the last deadline; fails
   *     with a ModuleException if an instance cannot be made
   */
  public Future<Void> replace(CompiledModule next) {
    return changeSlots(
        () -> {
          List<GuestVerticle> made = slots.add(this, settings.size(), next, true);
          return deploy(made).compose(_ -> swap(next, made));
        });
  }

  private Future<Void> swap(CompiledModule next, List<GuestVerticle> made) {
    if (closed) {
      made.forEach(this::takeBack);
      return Future.failedFuture(stopping());
    }
    List<GuestVerticle> old;
    synchronized (this) {
      old = slots.all().stream().filter(slot -> slot.module() != next).toList();
      module = next;
    }
    made.forEach(GuestVerticle::release);
    old.forEach(this::takeBack);
    scheduler.callForWaiting();
    return Future.join(old.stream().map(GuestVerticle::ended).toList()).mapEmpty();
  }

  private static ModuleException stopping() {
    return new ModuleException("the agent is stopping");
  }

  /** One change at a time: each counts the slots that the one before has left. */
  private synchronized Future<Void> changeSlots(Supplier<Future<Void>> change) {
    Future<Void> changed =
        lastChange.transform(_ -> closed ? Future.failedFuture(stopping()) : change.get());
    lastChange = changed;
    return changed;
  }

  private Future<Void> addSlots(int count) {
    List<GuestVerticle> added;
    synchronized (this) { // or they might be made from a module that was just replaced
      added = slots.add(this, count, module, false);
    }
    return deploy(added).onSuccess(_ -> scheduler.callForWaiting());
  }

  /** With a failure, none of them stays. */
  private Future<Void> deploy(List<GuestVerticle> added) {
    return Future.join(
            added.stream().map(slot -> slots.deploy(slot, settings.loadTimeout())).toList())
        .onFailure(_ -> added.forEach(this::takeBack))
        .mapEmpty();
  }

  /** Those that run a call end after it, and stay under the watchdog until then. */
  void takeBack(GuestVerticle slot) {
    if (slot.retire()) {
      retired(slot);
    }
  }

  private void removeSlots(int count) {
    List<GuestVerticle> staying = slots.staying();
    staying.subList(staying.size() - count, staying.size()).forEach(this::takeBack);
  }

  /** How many events wait; cheaper than {@link #state}. */
  public int waiting() {
    return queue.size();
  }

  /** How many events may wait. */
  public int queueCapacity() {
    return settings.queueCapacity();
  }

  /** What the memories of all instances come to, those of slots that come and go included. */
  public long memoryBytes() {
    long bytes = 0;
    for (GuestVerticle slot : slots.all()) {
      bytes += slot.memoryBytes();
    }
    return bytes;
  }

  public PoolState state() {
    int ready = 0;
    int busy = 0;
    List<GuestVerticle> all = slots.staying();
    for (GuestVerticle slot : all) {
      ready += slot.isReady() ? 1 : 0;
      busy += slot.isBusy() ? 1 : 0;
    }
    return new PoolState(all.size(), ready, busy, queue.size(), stuck.get());
  }

  /**
   * Takes no more events, and answers those that wait with {@link Code#CLOSED}. Succeeds when the
   * last slot has ended, which is soon after the last deadline.
   */
  public Future<Void> close() {
    closed = true;
    queue.failAll(Outcome.failed(Code.CLOSED, "the pool is closed"));
    slots.all().forEach(this::takeBack);
    completeIfEmpty();
    return empty.future();
  }

  private void completeIfEmpty() {
    if (closed && slots.all().isEmpty()) {
      watchdog.close();
      slots.undeployed().onComplete(_ -> empty.tryComplete());
    }
  }

  CallQueue queue() {
    return queue;
  }

  Watchdog watchdog() {
    return watchdog;
  }

  PoolObserver observer() {
    return observer;
  }

  GuestOutput output() {
    return output;
  }

  LogOrigin origin() {
    return origin;
  }

  PoolSettings settings() {
    return settings;
  }

  List<GuestVerticle> slots() {
    return slots.all();
  }

  Scheduler scheduler() {
    return scheduler;
  }
}
