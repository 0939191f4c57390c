package io.sentinel.agent.ops;

import io.sentinel.agent.pool.PoolState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
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
    HealthCheckResponseBuilder answer = HealthCheckResponse.named("pool");
    state.module().ifPresent(module -> tell(module, answer));
    return answer
        .status(state.isReady())
        .withData("listening", state.isListening())
        .withData("slots", pool.slots())
        .withData("ready", pool.ready())
        .withData("busy", pool.busy())
        .withData("waiting", pool.waiting())
        .withData("stuck", pool.stuck())
        .build();
  }

  /** A file that cannot be served is worth a look, and no reason to send no requests. */
  private static void tell(ModuleState module, HealthCheckResponseBuilder answer) {
    answer
        .withData("module", module.file().toString())
        .withData("module-since", module.since().toString())
        .withData("reloads", module.reloads())
        .withData("failed-reloads", module.failures());
    module.problem().ifPresent(why -> answer.withData("reload-problem", why));
  }
}
