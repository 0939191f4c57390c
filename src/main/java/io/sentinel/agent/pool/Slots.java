package io.sentinel.agent.pool;

import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which slots there are, those that come and go included, and their deployment: each is a worker
 * verticle with a worker pool of its own, so that a thread that does not come back takes no other
 * slot's place.
 */
final class Slots {

  private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;

  /** A context that belongs to no verticle. */
  private final Context outside;

  private final AtomicInteger lastNumber = new AtomicInteger();
  private final Set<Future<Void>> undeployments = ConcurrentHashMap.newKeySet();
  private volatile List<GuestVerticle> all = List.of();

  Slots(Vertx vertx) {
    this.vertx = vertx;
    this.outside = ((VertxInternal) vertx).createEventLoopContext();
  }

  /** As they are now, to be looked through without a lock. */
  List<GuestVerticle> all() {
    return all;
  }

  /** Those that serve, and are to go on with it. */
  List<GuestVerticle> staying() {
    return all.stream().filter(slot -> !slot.isRetiring() && !slot.isStandby()).toList();
  }

  /**
   * Slots that are under the watchdog from here on: making an instance runs the module's code.
   *
   * @param standby whether they wait for {@link GuestVerticle#release}
   */
  synchronized List<GuestVerticle> add(
      GuestPool pool, int count, CompiledModule module, boolean standby) {
    List<GuestVerticle> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String address = "wasm-slot-" + lastNumber.incrementAndGet();
      added.add(new GuestVerticle(pool, module, address, standby));
    }
    List<GuestVerticle> now = new ArrayList<>(all);
    now.addAll(added);
    all = List.copyOf(now);
    return added;
  }

  /** Takes a slot out; false if it was not there any more. */
  synchronized boolean remove(GuestVerticle slot) {
    List<GuestVerticle> rest = new ArrayList<>(all);
    boolean removed = rest.remove(slot);
    all = List.copyOf(rest);
    return removed;
  }

  /** Takes a slot out that does not come back from something, if it is still at that. */
  synchronized boolean removeStuck(GuestVerticle slot, Deadline from) {
    return slot.deadline() == from && remove(slot);
  }

  /**
   * Succeeds when the slot has its instance.
   *
   * @param limit for making the instance, which ends by itself when it is over
   */
  Future<String> deploy(GuestVerticle slot, Duration limit) {
    DeploymentOptions options =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(slot.address())
            .setWorkerPoolSize(1)
            // Draining has no end while events come; the watchdog looks after calls.
            .setMaxWorkerExecuteTime(Long.MAX_VALUE)
            .setMaxWorkerExecuteTimeUnit(TimeUnit.NANOSECONDS);
    return deploy(slot, options)
        .onSuccess(_ -> undeployIfRetired(slot))
        .timeout(limit.plus(GIVEN_UP_AFTER).toMillis(), TimeUnit.MILLISECONDS)
        .recover(e -> Future.failedFuture(e instanceof TimeoutException ? neverStarted() : e));
  }

  /**
   * Deploys it as nobody's child: a verticle that is deployed on the listener's event loop would be
   * undeployed before the listener, with events still to come.
   */
  private Future<String> deploy(GuestVerticle slot, DeploymentOptions options) {
    Promise<String> deployed = Promise.promise();
    try {
      outside.runOnContext(
          _ -> {
            try {
              vertx.deployVerticle(slot, options).onComplete(deployed);
            } catch (Throwable e) { // there may be no more threads to be had
              deployed.tryFail(e);
            }
          });
    } catch (Throwable e) {
      deployed.tryFail(e);
    }
    return deployed.future();
  }

  /** A start that is over its time is interrupted, and says so itself; this one did not. */
  private static ModuleException neverStarted() {
    return new ModuleException("its start did not end in time, and could not be stopped");
  }

  /** While it was deployed it could not be undeployed. */
  private void undeployIfRetired(GuestVerticle slot) {
    if (slot.isRetiring() && !all.contains(slot)) {
      undeploy(slot);
    }
  }

  void undeploy(GuestVerticle slot) {
    String deployment = slot.deployment();
    if (deployment != null) { // it has none if it could not be deployed
      Future<Void> undeployed = vertx.undeploy(deployment).otherwiseEmpty();
      undeployments.add(undeployed);
      undeployed.onComplete(_ -> undeployments.remove(undeployed));
    }
  }

  /** The same for a slot whose thread may never come back: nobody waits for it. */
  void undeployStuck(GuestVerticle slot) {
    String deployment = slot.deployment();
    if (deployment != null) { // it has none while it makes its first instance
      vertx.undeploy(deployment);
    }
  }

  /** Succeeds when all that was undeployed so far has ended. */
  Future<Void> undeployed() {
    return Future.join(List.copyOf(undeployments)).otherwiseEmpty().mapEmpty();
  }
}
