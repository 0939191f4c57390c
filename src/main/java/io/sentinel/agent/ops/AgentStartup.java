package io.sentinel.agent.ops;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once the module was loaded and the socket was there, and from then on. */
@Startup
@ApplicationScoped
public class AgentStartup implements HealthCheck {

  private final AgentState state;

  @Inject
  public AgentStartup(AgentState state) {
    this.state = state;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("started").status(state.hasStarted()).build();
  }
}
