package io.sentinel.agent.bench;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.wasm.Guest;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.WasmEngine;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A whole call of {@code examples/rust-policy} in one thread: event in, reply out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 12, time = 1)
@Measurement(iterations = 5, time = 1)
public class GuestCall {

  /** A file of bench/events, whose events are taken in turn. */
  @Param({"requests-10", "request-10", "request-30", "request-100"})
  String events;

  private Guest guest;
  private AgentEvent[] all;
  private int next;

  @Setup
  public void load() {
    guest =
        new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED, ImportPolicy.WASI)
            .load(Path.of("examples/rust-policy/policy.wasm"))
            .instantiate(GuestOutput.NONE);
    all = Requests.events(events).toArray(AgentEvent[]::new);
    AgentReply reply = guest.call(all[0]);
    if (!(reply.decision() instanceof Decision.Allow) || reply.requestHeaders().size() != 2) {
      throw new IllegalStateException("not what the policy says: " + reply);
    }
  }

  @Benchmark
  public AgentReply call() {
    next = next + 1 == all.length ? 0 : next + 1;
    return guest.call(all[next]);
  }
}
