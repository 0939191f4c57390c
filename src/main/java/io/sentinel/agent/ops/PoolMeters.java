package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.pool.PoolObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is counted of the pool. */
@SuppressWarnings("EnumOrdinal") // an index into arrays that live as long as the process
final class PoolMeters implements PoolObserver {

  /** Those a module can have a handler for. */
  static final List<EventType> DECIDED =
      List.of(EventType.REQUEST_HEADERS, EventType.RESPONSE_HEADERS);

  private static final String DISCARDED = "sentinel.instances.discarded";

  private static final Duration[] BUCKETS = {
    Duration.ofNanos(10_000),
    Duration.ofNanos(50_000),
    Duration.ofNanos(100_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100)
  };

  private final AgentMetrics.Counting counting;
  private final @Nullable Timer[] callTime = new Timer[EventType.values().length];
  private final @Nullable Timer[] queueTime = new Timer[EventType.values().length];
  private final Counter[] discarded = new Counter[AgentFailure.Code.values().length];
  private final Counter recycled;
  private final Counter retired;
  private final Counter made;
  private final Counter stuck;

  PoolMeters(MeterRegistry registry, String module, AgentMetrics.Counting counting) {
    this.counting = counting;
    for (EventType type : DECIDED) {
      callTime[type.ordinal()] =
          timer("sentinel.call.time", "How long the module took for an event", module, type)
              .register(registry);
      queueTime[type.ordinal()] =
          timer("sentinel.queue.time", "How long an event waited for a slot", module, type)
              .register(registry);
    }
    for (AgentFailure.Code code : AgentFailure.Code.values()) {
      discarded[code.ordinal()] = discarded(code.label(), module).register(registry);
    }
    recycled = discarded("recycled", module).register(registry);
    retired = discarded("retired", module).register(registry);
    made =
        Counter.builder("sentinel.instances.made")
            .description("Instances of the module that were made")
            .tag("module", module)
            .register(registry);
    stuck =
        Counter.builder("sentinel.threads.stuck")
            .description("Threads that did not come back from the module")
            .tag("module", module)
            .register(registry);
  }

  @Override
  public void called(EventType type, long queuedNanos, long ranNanos) {
    Timer ran = callTime[type.ordinal()];
    Timer queued = queueTime[type.ordinal()];
    if (ran != null && queued != null && counting.isOn()) {
      queued.record(queuedNanos, TimeUnit.NANOSECONDS);
      ran.record(ranNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void instanceMade() {
    made.increment();
  }

  @Override
  public void instanceDiscarded(AgentFailure.Code reason) {
    discarded[reason.ordinal()].increment();
  }

  @Override
  public void instanceRecycled() {
    recycled.increment();
  }

  @Override
  public void instanceRetired() {
    retired.increment();
  }

  @Override
  public void threadStuck() {
    stuck.increment();
  }

  private static Counter.Builder discarded(String reason, String module) {
    return Counter.builder(DISCARDED)
        .description(
            "Instances thrown away: after a call that failed so, when nearly full, or with their slot")
        .tag("module", module)
        .tag("reason", reason);
  }

  private static Timer.Builder timer(
      String name, String description, String module, EventType type) {
    return Timer.builder(name)
        .description(description)
        .tag("module", module)
        .tag("event", type.label())
        .serviceLevelObjectives(BUCKETS);
  }
}
