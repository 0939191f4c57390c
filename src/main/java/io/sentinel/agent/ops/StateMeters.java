package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What is looked up when somebody asks: the pool's state, and what the agent is. */
final class StateMeters implements MeterBinder {

  private static final double MILLIS = 1e3;

  private final AgentState state;
  private final MeteredAgent agent;

  StateMeters(AgentState state, MeteredAgent agent) {
    this.state = state;
    this.agent = agent;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge("sentinel.ready", "1 while the agent is ready", s -> s.isReady() ? 1 : 0)
        .register(registry);
    gauge("sentinel.slots", "Slots of the pool", s -> s.pool().slots()).register(registry);
    gauge("sentinel.slots.busy", "Slots that run a call", s -> s.pool().busy()).register(registry);
    gauge("sentinel.slots.ready", "Slots that have an instance", s -> s.pool().ready())
        .register(registry);
    gauge("sentinel.queue.depth", "Events that wait for a slot", s -> s.pool().waiting())
        .register(registry);
    gauge("sentinel.queue.capacity", "Events that may wait", _ -> agent.queueCapacity())
        .register(registry);
    gauge("sentinel.threads.out", "Stuck threads that are still out", s -> s.pool().stuck())
        .register(registry);
    gauge(
            "sentinel.guest.memory.bytes",
            "What the memories of all instances come to",
            AgentState::memoryBytes)
        .tag("module", agent.module())
        .register(registry);
    gauge(
            "sentinel.guest.memory.limit.bytes",
            "What the memories of one instance may come to",
            _ -> agent.memoryLimitBytes())
        .tag("module", agent.module())
        .register(registry);
    gauge(
            "sentinel.timeout.seconds",
            "What an event may take, waiting included",
            _ -> agent.timeout().toMillis() / MILLIS)
        .register(registry);
    gauge("sentinel.build.info", "1, for what the labels say", _ -> 1)
        .tag("version", agent.version())
        .tag("java", String.valueOf(Runtime.version()))
        .register(registry);
  }

  private Gauge.Builder<AgentState> gauge(
      String name, String description, ToDoubleFunction<AgentState> value) {
    return Gauge.builder(name, state, value).description(description);
  }
}
