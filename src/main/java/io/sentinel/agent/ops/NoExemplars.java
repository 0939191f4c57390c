package io.sentinel.agent.ops;

import io.prometheus.client.exemplars.ExemplarSampler;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Takes the place of Quarkus's sampler, which asks OpenTelemetry for the current span at each
 * increment of a counter: the agent's spans are made after the fact, so there never is one.
 */
final class NoExemplars {

  @Produces
  @Singleton
  @Alternative
  @Priority(1)
  Optional<ExemplarSampler> none() {
    return Optional.empty();
  }
}
