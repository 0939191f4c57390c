package io.sentinel.agent.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What is counted of the module's file, as {@link ModuleState} holds it. */
final class ModuleMeters implements MeterBinder {

  private final AgentState state;

  ModuleMeters(AgentState state) {
    this.state = state;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    reloads("served", ModuleState::reloads, registry);
    reloads("failed", ModuleState::failures, registry);
    Gauge.builder("sentinel.module.stale", state, s -> of(s, m -> m.problem().isPresent() ? 1 : 0))
        .description("1 while the module's file holds what cannot be served")
        .register(registry);
    Gauge.builder(
            "sentinel.module.loaded.timestamp.seconds",
            state,
            s -> of(s, m -> m.since().toEpochMilli() / 1e3))
        .description("When the module that is served was loaded, in seconds since 1970")
        .register(registry);
  }

  private void reloads(
      String result, ToDoubleFunction<ModuleState> number, MeterRegistry registry) {
    FunctionCounter.builder("sentinel.module.reloads", state, s -> of(s, number))
        .description("Loads of the module's file after the first")
        .tag("result", result)
        .register(registry);
  }

  private static double of(AgentState state, ToDoubleFunction<ModuleState> number) {
    return state.module().map(number::applyAsDouble).orElse(0.0);
  }
}
