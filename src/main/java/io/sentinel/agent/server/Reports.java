package io.sentinel.agent.server;

import io.sentinel.agent.message.Health;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.PoolState;
import io.sentinel.agent.wire.FlowControl;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the agent tells the peers that take it: how it is, what it counts, and whether they had
 * better wait.
 */
final class Reports {

  private final GuestPool pool;
  private final Supplier<MetricsReport> metrics;
  private final Duration interval;
  private final Collection<Session> sessions;
  private boolean pausing;
  private boolean draining;

  Reports(
      GuestPool pool,
      Supplier<MetricsReport> metrics,
      Duration interval,
      Collection<Session> sessions) {
    this.pool = pool;
    this.metrics = metrics;
    this.interval = interval;
    this.sessions = sessions;
  }

  /** Sends health and metrics to all. */
  void send() {
    Health health = health();
    MetricsReport report = metrics.get();
    for (Session session : List.copyOf(sessions)) { // a report may be the end of one
      session.report(
          (codec, out) -> {
            codec.encode(health, out);
            codec.encode(report, interval, out);
          });
    }
  }

  /** Tells all that the agent is about to stop. */
  void announceDraining() {
    draining = true;
    Health health = health();
    List.copyOf(sessions)
        .forEach(session -> session.report((codec, out) -> codec.encode(health, out)));
  }

  /**
   * Asks all to pause when the queue is three quarters full, and to resume when it is nearly empty.
   */
  void checkQueue() {
    int waiting = pool.waiting();
    int capacity = pool.queueCapacity();
    if (!pausing && waiting * 4 >= capacity * 3) {
      pausing = true;
      ask(FlowControl.PAUSE);
    } else if (pausing && waiting * 4 <= capacity) {
      pausing = false;
      ask(FlowControl.RESUME);
    }
  }

  private void ask(FlowControl flowControl) {
    List.copyOf(sessions)
        .forEach(session -> session.report((codec, out) -> codec.encode(flowControl, out)));
  }

  private Health health() {
    PoolState state = pool.state();
    return new Health(healthState(state), state.busy() + state.waiting(), state.waiting());
  }

  private Health.State healthState(PoolState state) {
    if (draining) {
      return Health.State.DRAINING;
    }
    if (state.ready() == 0) {
      return Health.State.UNHEALTHY;
    }
    return state.ready() < state.slots() ? Health.State.DEGRADED : Health.State.HEALTHY;
  }
}
