package io.sentinel.agent.ops;

import io.sentinel.agent.pool.PoolState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while the agent listens and at least one slot has an instance. */
@Readiness
@ApplicationScoped
public class AgentReadiness implements HealthCheck {

  private final AgentState state;

  @Inject
  public AgentReadiness(AgentState state) {
    this.state = state;
  }

  @Override
  public HealthCheckResponse call() {
    PoolState pool = state.pool();
    return HealthCheckResponse.named("pool")
        .status(state.isListening() && pool.ready() > 0)
        .withData("listening", state.isListening())
        .withData("slots", pool.slots())
        .withData("ready", pool.ready())
        .withData("busy", pool.busy())
        .withData("waiting", pool.waiting())
        .withData("stuck", pool.stuck())
        .build();
  }
}
