package io.sentinel.agent.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.concurrent.atomic.LongAdder;

/**
 * What only ever grows, and is added to several times an event: a Micrometer counter would look at
 * each registry behind the composite one each time, where this is read when somebody asks.
 */
final class Tally {

  private final LongAdder sum = new LongAdder();

  private Tally() {}

  /** Registers a counter that reads a new tally. */
  static Tally register(MeterRegistry registry, String name, String description, Tags tags) {
    Tally tally = new Tally();
    FunctionCounter.builder(name, tally.sum, LongAdder::sum)
        .description(description)
        .tags(tags)
        .register(registry);
    return tally;
  }

  void increment() {
    sum.increment();
  }

  void add(int more) {
    sum.add(more);
  }
}
