package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Runs events on the slots. Events wait in one queue; slots that run pull from it, and another slot
 * is called only when these fall behind. See "Why do slots pull?" in RATIONALE.md.
 */
public final class GuestPool {

  private static final Logger LOG = Logger.getLogger(GuestPool.class);

  /** So many events per running slot may wait before another slot is called at once. */
  private static final int BACKLOG_PER_SLOT = 16;

  /** When the running slots have begun no call for so long, they are in slow ones. */
  private static final long SLOW = TimeUnit.MICROSECONDS.toNanos(200);

  /** With more threads stuck than this for each slot, a new process is the better one. */
  private static final int MOST_STUCK_PER_SLOT = 2;

  private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(1);

  static final long FIRST_BACKOFF_MS = 100;
  static final long LAST_BACKOFF_MS = 10_000;

  private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

  private final Vertx vertx;
  private final PoolObserver observer;
  private final GuestOutput output;
  private final LogOrigin origin;
  private final Runnable onHopeless;
  private final CallQueue queue;
  private final Watchdog watchdog;
  private final long timeoutNanos;

  /** Slots that drain the queue or were called to. */
  private final AtomicInteger running = new AtomicInteger();

  private final Set<Future<Void>> undeployments = ConcurrentHashMap.newKeySet();
  private final Promise<Void> empty = Promise.promise();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Remaking remaking = new Remaking();
  private final AtomicInteger slotNumber = new AtomicInteger();
  private volatile PoolSettings settings;

  /** What new slots run, and what is said to be handled. */
  private volatile CompiledModule module;

  private volatile List<GuestVerticle> slots = List.of();
  private volatile boolean closed;

  /** The last change of slots that was asked for: the next one begins when it is over. */
  private Future<Void> lastChange = Future.succeededFuture();

  /** When a slot last began a call. */
  private volatile long lastStart = System.nanoTime();

  /** Whether a slot stands by to take the next call at once. */
  private volatile boolean spinning;

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
    this.watchdog = new Watchdog(this, queue, timeoutNanos);
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
      queued(call);
    }
    return call;
  }

  /** Ends a call that nobody waits for any more, with {@link Code#CANCELLED}, if it goes on. */
  public void cancel(Call call) {
    if (!call.cancel() || queue.remove(call)) {
      return;
    }
    for (GuestVerticle slot : slots) {
      Deadline deadline = slot.deadline();
      if (deadline != null && deadline.call() == call && deadline.fire()) {
        watchdog.lookAfterFiring();
      }
    }
  }

  private void queued(Call call) {
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

  /** Sees to it that the head of the queue does not wait for long while a slot is idle. */
  void lookAfterWaiting() {
    Call waiting = queue.peek();
    if (waiting != null && hasIdleSlot()) {
      watchdog.lookAfterPatience(waiting.arrived());
    }
  }

  /** With no slot that could ever take them, events are answered at once. */
  private void failIfBroken() {
    for (GuestVerticle slot : slots) {
      if (slot.isServing() || slot.isStarting()) {
        return;
      }
    }
    Call waiting = queue.poll();
    while (waiting != null) {
      waiting.complete(Outcome.failed(Code.CRASH_LOOP, "no instance can be made"));
      waiting = queue.poll();
    }
  }

  /** Calls one idle slot; false if there is none. */
  boolean callAnother() {
    List<GuestVerticle> all = slots;
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

  boolean hasIdleSlot() {
    List<GuestVerticle> all = slots;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).isIdle()) {
        return true;
      }
    }
    return false;
  }

  /**
   * A slot that found nothing to do goes idle.
   *
   * @return true if it has to go on, because something came in that nobody else was called for
   */
  boolean goIdle(GuestVerticle slot) {
    GuestVerticle.Rest rest = slot.rest();
    if (rest == GuestVerticle.Rest.GIVEN_UP) {
      return false;
    }
    running.decrementAndGet();
    if (rest == GuestVerticle.Rest.RETIRED || (slot.isRetiring() && slot.retire())) {
      retired(slot);
    } else if (!queue.isEmpty() && slot.claim()) {
      running.incrementAndGet();
      return true;
    }
    return false;
  }

  private void retired(GuestVerticle slot) {
    synchronized (this) {
      List<GuestVerticle> rest = new ArrayList<>(slots);
      rest.remove(slot);
      slots = List.copyOf(rest);
    }
    if (slot.hasGuest()) {
      observer.instanceRetired();
    }
    undeploy(slot);
    slot.setEnded();
    if (!queue.isEmpty()) {
      callAnother();
    }
    completeIfEmpty();
  }

  /** While it was deployed it could not be undeployed. */
  private void undeployIfRetired(GuestVerticle slot) {
    if (slot.isRetiring() && !slots.contains(slot)) {
      undeploy(slot);
    }
  }

  private void undeploy(GuestVerticle slot) {
    String deployment = slot.deployment();
    if (deployment != null) { // it has none if it could not be deployed
      Future<Void> undeployed = vertx.undeploy(deployment).otherwiseEmpty();
      undeployments.add(undeployed);
      undeployed.onComplete(_ -> undeployments.remove(undeployed));
    }
  }

  Remaking remaking() {
    return remaking;
  }

  /** Whether a slot has an instance, or will have one in a moment. */
  boolean hasReadySlot() {
    return slots.stream().anyMatch(GuestVerticle::isReady);
  }

  boolean isLastRunning() {
    return running.get() == 1;
  }

  void startedCall(long now) {
    lastStart = now;
  }

  void spinning(boolean now) {
    spinning = now;
  }

  void slotBroke() {
    running.decrementAndGet();
    if (!queue.isEmpty() && !callAnother()) {
      failIfBroken();
    }
  }

  void slotRuns() {
    running.incrementAndGet();
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
    synchronized (this) {
      if (slot.deadline() != from || !slots.contains(slot)) {
        return;
      }
      List<GuestVerticle> rest = new ArrayList<>(slots);
      rest.remove(slot);
      slots = List.copyOf(rest);
    }
    if (slot.abandon()) {
      running.decrementAndGet();
    }
    slot.setEnded();
    remaking.giveBack(slot);
    int out = stuck.incrementAndGet();
    observer.threadStuck();
    LOG.errorf("A thread did not come back from the module and was given up (%d are out)", out);
    String deployment = slot.deployment();
    if (deployment != null) { // it has none while it makes its first instance
      vertx.undeploy(deployment); // over when the thread comes back, if it does
    }
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
    if (!closed && staying().size() < settings.size()) {
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
    int more = size - staying().size();
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
          List<GuestVerticle> made = newSlots(settings.size(), next, true);
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
      old = slots.stream().filter(slot -> slot.module() != next).toList();
      module = next;
    }
    made.forEach(GuestVerticle::release);
    old.forEach(this::takeBack);
    callForWaiting();
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
      added = newSlots(count, module, false);
    }
    return deploy(added).onSuccess(_ -> callForWaiting());
  }

  private List<GuestVerticle> newSlots(int count, CompiledModule from, boolean standby) {
    List<GuestVerticle> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String address = "wasm-slot-" + slotNumber.incrementAndGet();
      added.add(new GuestVerticle(this, from, address, standby));
    }
    // From here on under the watchdog: making an instance runs the module's code.
    synchronized (this) {
      List<GuestVerticle> all = new ArrayList<>(slots);
      all.addAll(added);
      slots = List.copyOf(all);
    }
    return added;
  }

  /** With a failure, none of them stays. */
  private Future<Void> deploy(List<GuestVerticle> added) {
    return Future.join(added.stream().map(this::deploy).toList())
        .onFailure(_ -> added.forEach(this::takeBack))
        .mapEmpty();
  }

  /** What came in while there was no idle slot waits for nobody: new slots are to take it. */
  private void callForWaiting() {
    for (int waiting = queue.size(); waiting > 0 && callAnother(); waiting--) {
      // as many slots as there are events, or as are idle
    }
  }

  private Future<String> deploy(GuestVerticle slot) {
    // A worker pool of its own: a thread that does not come back takes no other slot's place.
    DeploymentOptions options =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(slot.address())
            .setWorkerPoolSize(1)
            // Draining has no end while events come; the watchdog looks after calls.
            .setMaxWorkerExecuteTime(Long.MAX_VALUE)
            .setMaxWorkerExecuteTimeUnit(TimeUnit.NANOSECONDS);
    Duration limit = settings.loadTimeout().plus(GIVEN_UP_AFTER);
    return vertx
        .deployVerticle(slot, options)
        .onSuccess(_ -> undeployIfRetired(slot))
        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .recover(e -> Future.failedFuture(e instanceof TimeoutException ? neverStarted() : e));
  }

  /** A start that is over its time is interrupted, and says so itself; this one did not. */
  private static ModuleException neverStarted() {
    return new ModuleException("its start did not end in time, and could not be stopped");
  }

  /** Those that run a call end after it, and stay under the watchdog until then. */
  void takeBack(GuestVerticle slot) {
    if (slot.retire()) {
      retired(slot);
    }
  }

  private void removeSlots(int count) {
    List<GuestVerticle> staying = staying();
    staying.subList(staying.size() - count, staying.size()).forEach(this::takeBack);
  }

  private List<GuestVerticle> staying() {
    return slots.stream().filter(slot -> !slot.isRetiring() && !slot.isStandby()).toList();
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
    for (GuestVerticle slot : slots) {
      bytes += slot.memoryBytes();
    }
    return bytes;
  }

  public PoolState state() {
    int ready = 0;
    int busy = 0;
    List<GuestVerticle> all = staying();
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
    Call waiting = queue.poll();
    while (waiting != null) {
      waiting.complete(Outcome.failed(Code.CLOSED, "the pool is closed"));
      waiting = queue.poll();
    }
    slots.forEach(this::takeBack);
    completeIfEmpty();
    return empty.future();
  }

  private void completeIfEmpty() {
    if (closed && slots.isEmpty()) {
      watchdog.close();
      Future.join(List.copyOf(undeployments)).onComplete(_ -> empty.tryComplete());
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
    return slots;
  }
}
