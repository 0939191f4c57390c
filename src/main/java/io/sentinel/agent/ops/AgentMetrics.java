package io.sentinel.agent.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.sentinel.agent.pool.PoolObserver;
import io.sentinel.agent.server.ServerObserver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** The agent's metrics; docs/metrics.md lists them. */
@ApplicationScoped
public class AgentMetrics {

  private final MeterRegistry registry;
  private final AgentState state;
  private final Counting counting = new Counting();

  /** Kept, for the registry itself holds by a weak reference what its counters read. */
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private @Nullable Observers observers;

  /** Whether what is reported is real: what happens before the agent serves is its rehearsal. */
  static final class Counting {
    private volatile boolean on;

    boolean isOn() {
      return on;
    }
  }

  /** Those whom the rooms tell what happens; plain objects, for a call shall pay for no proxy. */
  public record Observers(PoolObserver pool, ServerObserver server) {}

  @Inject
  public AgentMetrics(MeterRegistry registry, AgentState state) {
    this.registry = registry;
    this.state = state;
  }

  /**
   * Makes all meters, so that a scrape shows zeros and not gaps, and an event pays for no look-up.
   */
  public Observers register(MeteredAgent agent) {
    new StateMeters(state, agent).bindTo(registry);
    new ModuleMeters(state).bindTo(registry);
    Observers made =
        new Observers(
            new PoolMeters(registry, agent.module(), counting),
            new ServerMeters(registry, agent.module(), counting));
    observers = made;
    return made;
  }

  /** From here on, what is reported is real. */
  public void startCounting() {
    counting.on = true;
  }
}
