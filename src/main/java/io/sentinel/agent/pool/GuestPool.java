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
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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

  private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

  private final Vertx vertx;
  private final PoolObserver observer;
  private final GuestOutput output;
  private final Runnable onHopeless;
  private final CallQueue queue;
  private final Watchdog watchdog;
  private final long timeoutNanos;

  /** Slots that drain the queue or were called to. */
  private final AtomicInteger running = new AtomicInteger();

  private final Set<Future<Void>> undeployments = ConcurrentHashMap.newKeySet();
  private final Promise<Void> empty = Promise.promise();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Lock remaking = new ReentrantLock(true);
  private final AtomicInteger slotNumber = new AtomicInteger();
  private volatile PoolSettings settings;
  private volatile CompiledModule module;
  private volatile List<GuestVerticle> slots = List.of();
  private volatile boolean closed;

  /** When a slot last began a call. */
  private volatile long lastStart = System.nanoTime();

  /** Whether a slot stands by to take the next call at once. */
  private volatile boolean spinning;

  /**
   * @param output where goes what the module writes
   * @param onHopeless called when so many threads are stuck that the process had better end
   */
  public GuestPool(
      Vertx vertx,
      CompiledModule module,
      PoolSettings settings,
      PoolObserver observer,
      GuestOutput output,
      Runnable onHopeless) {
    this.vertx = vertx;
    this.onHopeless = onHopeless;
    this.module = module;
    this.settings = settings;
    this.observer = observer;
    this.output = output;
    this.timeoutNanos = settings.timeout().toNanos();
    this.queue = new CallQueue(settings.queueCapacity());
    this.watchdog = new Watchdog(this, queue, timeoutNanos);
  }

  /** Calls the module on throwaway instances, so that the first real events find a warm JVM. */
  public Future<Void> warmUp() {
    return new Warmup(vertx, module).run();
  }

  /** Makes all instances; fails with a ModuleException if one cannot be made. */
  public Future<Void> start() {
    watchdog.start();
    return addSlots(settings.size());
  }

  /** Whether the module has a handler for such events. */
  public boolean handles(EventType type) {
    return module.handles(type);
  }

  /**
   * Has an event decided.
   *
   * @param completion called exactly once, on any thread, by the deadline
   * @return by which the call can be cancelled
   */
  public Call submit(AgentEvent event, Consumer<Outcome> completion) {
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
      if (deadline != null && deadline.call() == call) {
        deadline.fire();
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
        watchdog.lookAfterPatience(call);
      }
    }
  }

  /** With no slot that could ever take them, events are answered at once. */
  private void failIfBroken() {
    for (GuestVerticle slot : slots) {
      if (slot.isServing()) {
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
        vertx.eventBus().send(slot.address(), null, LOCAL);
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
    undeploy(slot);
    if (!queue.isEmpty()) {
      callAnother();
    }
    completeIfEmpty();
  }

  private void undeploy(GuestVerticle slot) {
    String deployment = slot.deploymentID();
    if (deployment != null) { // it has none if it could not be deployed
      Future<Void> undeployed = vertx.undeploy(deployment).otherwiseEmpty();
      undeployments.add(undeployed);
      undeployed.onComplete(_ -> undeployments.remove(undeployed));
    }
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

  /**
   * Makes an instance in place of one that failed, and no other meanwhile: a module that fails on
   * every event costs one instance at a time, however many slots there are.
   */
  void oneAtATime(Runnable remake) {
    remaking.lock();
    try {
      remake.run();
    } finally {
      remaking.unlock();
    }
  }

  /** A thread that was given up has returned from the module after all, and ends. */
  void cameBack() {
    LOG.warnf("A thread that was given up came back (%d are still out)", stuck.decrementAndGet());
  }

  /** Puts a new slot in the place of one whose thread does not come back. */
  void giveUp(GuestVerticle slot) {
    synchronized (this) {
      if (!slots.contains(slot)) {
        return;
      }
      List<GuestVerticle> rest = new ArrayList<>(slots);
      rest.remove(slot);
      slots = List.copyOf(rest);
    }
    if (slot.abandon()) {
      running.decrementAndGet();
    }
    int out = stuck.incrementAndGet();
    observer.threadStuck();
    LOG.errorf("A thread did not come back from the module and was given up (%d are out)", out);
    String deployment = slot.deploymentID();
    if (deployment != null) { // it has none while it makes its first instance
      vertx.undeploy(deployment); // over when the thread comes back, if it does
    }
    if (closed) {
      completeIfEmpty();
      return;
    }
    if (out > MOST_STUCK_PER_SLOT * settings.size()) {
      onHopeless.run();
      return;
    }
    addSlots(1).onFailure(e -> LOG.errorf("No slot in its place: %s", e.getMessage()));
  }

  /**
   * Changes the number of slots. New ones are made before it succeeds; with a failure the pool is
   * as it was.
   */
  public Future<Void> resize(int size) {
    PoolSettings wanted = settings.withSize(size);
    int more = size - staying().size();
    if (more > 0) {
      return addSlots(more).onSuccess(_ -> settings = wanted);
    }
    removeSlots(-more);
    settings = wanted;
    return Future.succeededFuture();
  }

  private Future<Void> addSlots(int count) {
    List<GuestVerticle> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(new GuestVerticle(this, "wasm-slot-" + slotNumber.incrementAndGet()));
    }
    // From here on under the watchdog: making an instance runs the module's code.
    synchronized (this) {
      List<GuestVerticle> all = new ArrayList<>(slots);
      all.addAll(added);
      slots = List.copyOf(all);
    }
    List<Future<String>> deployments = added.stream().map(this::deploy).toList();
    return Future.join(deployments)
        .onSuccess(_ -> callForWaiting())
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
        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .recover(e -> Future.failedFuture(e instanceof TimeoutException ? neverStarted() : e));
  }

  /** A start that is over its time is interrupted, and says so itself; this one did not. */
  private static ModuleException neverStarted() {
    return new ModuleException("its start did not end in time, and could not be stopped");
  }

  private void takeBack(GuestVerticle slot) {
    if (slot.retire()) {
      retired(slot);
    }
  }

  /** Those that run a call end after it, and stay under the watchdog until then. */
  private void removeSlots(int count) {
    List<GuestVerticle> staying = staying();
    for (GuestVerticle slot : staying.subList(staying.size() - count, staying.size())) {
      if (slot.retire()) {
        retired(slot);
      }
    }
  }

  private List<GuestVerticle> staying() {
    return slots.stream().filter(slot -> !slot.isRetiring()).toList();
  }

  /** How many events wait; cheaper than {@link #state}. */
  public int waiting() {
    return queue.size();
  }

  /** How many events may wait. */
  public int queueCapacity() {
    return settings.queueCapacity();
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
    removeSlots(staying().size());
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

  PoolSettings settings() {
    return settings;
  }

  CompiledModule module() {
    return module;
  }

  List<GuestVerticle> slots() {
    return slots;
  }
}
