package io.sentinel.agent.cli;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.Guest;
import io.sentinel.agent.wasm.GuestException;
import io.sentinel.agent.wasm.ModuleException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A module's calls on one event, all on one instance, as one slot of the agent would make them. */
final class Trial {

  /** As many as the JVM's compilers want to see; of slow modules, as many as the time allows. */
  private static final int WARM_UP_CALLS = 30_000;

  private static final long WARM_UP_NANOS = 10_000_000_000L;

  private final Guest guest;
  private final Written written;
  private final AgentEvent event;
  private final Duration timeout;
  private final AtomicLong calls = new AtomicLong();

  /**
   * How it went.
   *
   * @param outcome the first call's, or a later one's that failed
   * @param written what the module wrote in its start and in the first call
   * @param firstCall what the first call took, with everything cold
   * @param memoryBytes after the first call
   * @param times of further calls, if there were any
   */
  record Report(
      Outcome outcome,
      List<String> written,
      Duration firstCall,
      int memoryBytes,
      Optional<CallTimes> times) {}

  private Trial(Guest guest, Written written, AgentEvent event, Duration timeout) {
    this.guest = guest;
    this.written = written;
    this.event = event;
    this.timeout = timeout;
  }

  /**
   * Makes an instance, calls it once, and then, if it is to be repeated, to warm up and so often
   * again.
   *
   * @throws ModuleException if no instance can be made
   */
  static Report run(
      CompiledModule module,
      Duration startTimeout,
      AgentEvent event,
      Duration timeout,
      int repeat) {
    try {
      Written written = new Written();
      Guest guest = TimeLimit.run(startTimeout, () -> module.instantiate(written));
      return new Trial(guest, written, event, timeout).run(repeat);
    } catch (TimeoutException e) {
      throw new ModuleException(
          "its start did not end within %d s".formatted(startTimeout.toSeconds()), e);
    }
  }

  private Report run(int repeat) {
    long begun = System.nanoTime();
    Outcome first = call();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    int memory = guest.memoryBytes();
    List<String> lines = written.take();
    if (repeat == 1 || first instanceof Outcome.Failed) {
      return new Report(first, lines, took, memory, Optional.empty());
    }
    try {
      CallTimes times = TimeLimit.run(timeout, calls::get, () -> repeated(repeat));
      return new Report(first, lines, took, memory, Optional.of(times));
    } catch (TimeoutException e) {
      return new Report(timedOut(), lines, took, memory, Optional.empty());
    } catch (GuestException e) {
      return new Report(failed(e), lines, took, memory, Optional.empty());
    }
  }

  private Outcome call() {
    try {
      return new Outcome.Decided(TimeLimit.run(timeout, () -> guest.call(event)));
    } catch (TimeoutException e) {
      return timedOut();
    } catch (GuestException e) {
      return failed(e);
    }
  }

  private CallTimes repeated(int repeat) {
    int warmUp = 0;
    long end = System.nanoTime() + WARM_UP_NANOS;
    while (warmUp < WARM_UP_CALLS && System.nanoTime() < end) {
      timedCall();
      warmUp++;
    }
    long[] nanos = new long[repeat];
    for (int i = 0; i < repeat; i++) {
      nanos[i] = timedCall();
    }
    return new CallTimes(warmUp, nanos, guest.memoryBytes());
  }

  private long timedCall() {
    long begun = System.nanoTime();
    guest.call(event);
    long took = System.nanoTime() - begun;
    calls.lazySet(calls.getPlain() + 1); // one writer
    return took;
  }

  private static Outcome failed(GuestException e) {
    return new Outcome.Failed(new AgentFailure(e.code(), String.valueOf(e.getMessage())));
  }

  private Outcome timedOut() {
    return Outcome.failed(
        Code.TIMEOUT,
        "it was running when its time of %d ms was over".formatted(timeout.toMillis()));
  }
}
