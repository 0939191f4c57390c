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

  @Param({"10", "30", "100"})
  int headers;

  private Guest guest;
  private AgentEvent event;

  @Setup
  public void load() {
    guest =
        new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED, ImportPolicy.WASI)
            .load(Path.of("examples/rust-policy/policy.wasm"))
            .instantiate(GuestOutput.NONE);
    event = Requests.event(headers);
    AgentReply reply = guest.call(event);
    if (!(reply.decision() instanceof Decision.Allow) || reply.requestHeaders().size() != 2) {
      throw new IllegalStateException("not what the policy says: " + reply);
    }
  }

  @Benchmark
  public AgentReply call() {
    return guest.call(event);
  }
}
