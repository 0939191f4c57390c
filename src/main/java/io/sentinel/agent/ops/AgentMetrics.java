package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.PoolObserver;
import io.sentinel.agent.server.DropReason;
import io.sentinel.agent.server.ServerObserver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The agent's metrics. All meters exist from the start, so that a scrape shows zeros and not gaps,
 * and a call pays for no look-up.
 */
@ApplicationScoped
@SuppressWarnings("EnumOrdinal") // an index into arrays that live as long as the process
public class AgentMetrics implements PoolObserver, ServerObserver {

  private final Counter[][] events =
      new Counter[EventType.values().length][Decision.Kind.values().length];
  private final Counter[] failures = new Counter[AgentFailure.Code.values().length];
  private final Counter[] dropped = new Counter[DropReason.values().length];
  private final Counter[] discarded = new Counter[AgentFailure.Code.values().length];
  private final Timer callTime;
  private final Timer queueTime;
  private final Counter made;
  private final Counter stuck;
  private final Counter cancelled;
  private final AtomicInteger connections = new AtomicInteger();

  /** What happens before the agent serves is its own rehearsal. */
  private volatile boolean counting;

  @Inject
  public AgentMetrics(MeterRegistry registry, AgentState state) {
    for (EventType type : EventType.values()) {
      for (Decision.Kind decision : Decision.Kind.values()) {
        events[type.ordinal()][decision.ordinal()] =
            Counter.builder("sentinel.events")
                .description("Events answered")
                .tag("event", type.label())
                .tag("decision", decision.label())
                .register(registry);
      }
    }
    for (AgentFailure.Code code : AgentFailure.Code.values()) {
      failures[code.ordinal()] =
          Counter.builder("sentinel.module.errors")
              .description("Events answered by the failure policy")
              .tag("code", code.label())
              .register(registry);
      discarded[code.ordinal()] =
          Counter.builder("sentinel.instances.discarded")
              .description("Instances thrown away after a call that failed")
              .tag("reason", code.label())
              .register(registry);
    }
    cancelled =
        Counter.builder("sentinel.events.cancelled")
            .description("Events the proxy cancelled, which have no answer")
            .register(registry);
    callTime = timer(registry, "sentinel.call.time", "How long the module took for an event");
    queueTime = timer(registry, "sentinel.queue.time", "How long an event waited for a slot");
    made = Counter.builder("sentinel.instances.made").register(registry);
    stuck =
        Counter.builder("sentinel.threads.stuck")
            .description("Threads that did not come back from the module")
            .register(registry);
    for (DropReason reason : DropReason.values()) {
      dropped[reason.ordinal()] =
          Counter.builder("sentinel.connections.dropped")
              .description("Connections that the agent gave up")
              .tag("reason", reason.label())
              .register(registry);
    }
    Gauge.builder("sentinel.connections.open", connections, AtomicInteger::get).register(registry);
    Gauge.builder("sentinel.slots", state, s -> s.pool().slots()).register(registry);
    Gauge.builder("sentinel.slots.busy", state, s -> s.pool().busy()).register(registry);
    Gauge.builder("sentinel.queue.depth", state, s -> s.pool().waiting()).register(registry);
    new ModuleMeters(state).bindTo(registry);
  }

  /** From here on, what is reported is real. */
  public void startCounting() {
    counting = true;
  }

  @Override
  public void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos) {
    if (!counting) {
      return;
    }
    events[event.type().ordinal()][reply.decision().kind().ordinal()].increment();
    if (outcome instanceof Outcome.Failed(AgentFailure failure)) {
      failures[failure.code().ordinal()].increment();
    }
  }

  @Override
  public void cancelled() {
    cancelled.increment();
  }

  @Override
  public void connectionOpened() {
    connections.incrementAndGet();
  }

  @Override
  public void connectionClosed() {
    connections.decrementAndGet();
  }

  @Override
  public void connectionDropped(DropReason reason) {
    dropped[reason.ordinal()].increment();
  }

  @Override
  public void called(EventType type, long queuedNanos, long ranNanos) {
    if (!counting) {
      return;
    }
    queueTime.record(queuedNanos, TimeUnit.NANOSECONDS);
    callTime.record(ranNanos, TimeUnit.NANOSECONDS);
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
  public void threadStuck() {
    stuck.increment();
  }

  private static Timer timer(MeterRegistry registry, String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(
            Duration.ofNanos(10_000),
            Duration.ofNanos(50_000),
            Duration.ofNanos(100_000),
            Duration.ofNanos(500_000),
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100))
        .register(registry);
  }
}
