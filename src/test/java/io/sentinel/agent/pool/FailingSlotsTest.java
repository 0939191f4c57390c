package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sentinel.agent.Events;
import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Slots whose threads do not come back, and slots for which no instance can be made. */
class FailingSlotsTest {

  @Test
  void threadsThatDoNotComeBackAreReplacedUntilThereAreTooMany() {
    CountDownLatch released = new CountDownLatch(1);
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.hostile("import-wasi-write-forged-lines")))
            .poolSize(1)
            .timeout(Duration.ofMillis(200))
            .output(new Blocking(released));
    try (TestAgent agent = TestAgent.start(options)) {
      for (int out = 1; out <= 3; out++) {
        assertFalse(agent.isHopeless());
        assertEquals(Code.TIMEOUT, ((Outcome.Failed) ask(agent, "/sin")).failure().code());
        int stuck = out;
        eventually(() -> agent.pool().state().stuck() == stuck);
        eventually(() -> agent.stuckThreads() == stuck);
        if (out < 3) {
          eventually(() -> agent.pool().state().ready() == 1);
          eventually(() -> ask(agent, "/") instanceof Outcome.Decided);
        }
      }
      eventually(agent::isHopeless);
      released.countDown();
      eventually(() -> agent.pool().state().stuck() == 0);
      assertEquals(3, agent.stuckThreads());
    } finally {
      released.countDown();
    }
  }

  @Test
  void threadThatDoesNotComeBackFromACancelledCallIsReplacedBeforeItsDeadline() {
    CountDownLatch released = new CountDownLatch(1);
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.hostile("import-wasi-write-forged-lines")))
            .poolSize(1)
            .timeout(Duration.ofHours(1))
            .output(new Blocking(released));
    try (TestAgent agent = TestAgent.start(options)) {
      Call call = agent.pool().submit(request("/sin"), _ -> {});
      eventually(() -> agent.pool().state().busy() == 1);
      agent.pool().cancel(call);
      eventually(() -> agent.stuckThreads() == 1);
      eventually(() -> agent.pool().state().ready() == 1);
      assertInstanceOf(Outcome.Decided.class, ask(agent, "/"));
      released.countDown();
      eventually(() -> agent.pool().state().stuck() == 0);
    } finally {
      released.countDown();
    }
  }

  @Test
  void crashLoopIsSaidWhileNoInstanceCanBeMadeAndEndsByItself() {
    try (TestAgent agent = startInAnEvenSecond()) {
      eventually(() -> isCrashLoop(ask(agent, "/")) && agent.pool().state().ready() == 0);
      eventually(() -> agent.pool().state().ready() == 2);
      // An instance was asked, and did what it does.
      eventually(() -> ask(agent, "/") instanceof Outcome.Failed(var f) && f.code() == Code.TRAP);
    }
  }

  /** What an instance says of its failure may quote the module: the proxy is not told. */
  @Test
  void poolThatCannotBeMadeLargerIsRefusedInFixedWords() throws IOException {
    try (TestAgent agent = startInAnEvenSecond();
        AgentClient client = agent.connect(Speech.V2_JSON)) {
      Decision answer = Decision.allow();
      while (answer.equals(Decision.allow())) { // the odd second may have ended meanwhile
        resize(client, 2);
        eventually(() -> Instant.now().getEpochSecond() % 2 == 1);
        answer = resize(client, 3);
      }
      assertEquals(
          new Decision.Block(
              500,
              Optional.of(
                  "Invalid Wasm agent configuration: the pool cannot be made larger: see the"
                      + " agent's log")),
          answer);
      assertEquals(2, agent.pool().state().slots());
    }
  }

  private static Decision resize(AgentClient client, int size) throws IOException {
    return Events.ask(client, new AgentEvent.Configure("c-1", Map.of("pool-size", size)))
        .reply()
        .decision();
  }

  private static TestAgent startInAnEvenSecond() {
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.FAILS_IN_ODD_SECONDS)).poolSize(2);
    while (true) {
      try {
        return TestAgent.start(options);
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof ModuleException)) {
          throw e;
        }
        Thread.onSpinWait(); // the second is odd
      }
    }
  }

  private static boolean isCrashLoop(Outcome outcome) {
    return outcome instanceof Outcome.Failed(var failure) && failure.code() == Code.CRASH_LOOP;
  }

  private static Outcome ask(TestAgent agent, String uri) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    agent.pool().submit(request(uri), outcome::complete);
    return outcome.join();
  }

  /** Does not come back before it is released, whoever interrupts it. */
  private record Blocking(CountDownLatch released) implements GuestOutput {

    @Override
    public void line(Optional<AgentEvent> event, String line) {
      boolean interrupted = false;
      while (released.getCount() > 0) {
        try {
          released.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void lost(Optional<AgentEvent> event, long bytes) {}
  }
}
