package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.TestAgent.Told;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wasm.GuestOutput;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Errors in the agent's own code: the heap's end may come up anywhere. They cost an event, an
 * instance or a connection, and nothing after.
 */
class ErrorsTest {

  @ParameterizedTest
  @EnumSource(Told.class)
  void agentServesOnAfterAnError(Told where) throws IOException {
    try (TestAgent agent = TestAgent.start(options().poolSize(1))) {
      for (int round = 0; round < 3; round++) {
        agent.failOnce(where);
        askAndMayLose(agent, "/echo");
        askAndMayLose(agent, "/trap");
        eventually(() -> !agent.isToFail());
        eventually(() -> serves(agent));
        assertEquals(1, agent.pool().state().ready());
      }
      assertFalse(agent.isHopeless());
      assertEquals(0, agent.stuckThreads());
    }
  }

  /** Many connections at once: the event loop's other way of being told of answers. */
  @Test
  void othersAreAnsweredWhileErrorsComeUp() throws Exception {
    try (TestAgent agent = TestAgent.start(options().poolSize(2))) {
      AtomicBoolean over = new AtomicBoolean();
      List<CompletableFuture<Void>> peers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        peers.add(
            inBackground(
                () -> {
                  while (!over.get()) {
                    askAndMayLose(agent, "/echo");
                  }
                }));
      }
      for (int round = 0; round < 50; round++) {
        for (Told where : List.of(Told.ANSWERED, Told.SENT, Told.FRAME_RECEIVED, Told.CALLED)) {
          agent.failOnce(where);
          eventually(() -> !agent.isToFail());
        }
      }
      over.set(true);
      for (CompletableFuture<Void> peer : peers) {
        peer.get(20, TimeUnit.SECONDS);
      }
      eventually(() -> serves(agent));
      eventually(() -> agent.connections() == 0);
      assertEquals(3 * 50, agent.dropped(DropReason.FAULT)); // CALLED costs an instance instead
    }
  }

  @Test
  void errorInWhatAModuleWritesIsATrap() {
    AtomicBoolean failing = new AtomicBoolean(true);
    TestAgent.Options options =
        TestAgent.Options.of(Guests.compiled(Guests.hostile("import-wasi-write-forged-lines")))
            .poolSize(1)
            .output(new Failing(failing));
    try (TestAgent agent = TestAgent.start(options)) {
      assertEquals(Code.TRAP, ((Outcome.Failed) submit(agent, "/sin")).failure().code());
      failing.set(false);
      eventually(() -> submit(agent, "/") instanceof Outcome.Decided);
      assertEquals(1, agent.discarded(Code.TRAP));
    }
  }

  /** An answer that cannot be handed on, by the slot or by the watchdog. */
  @Test
  void deadlinesAreKeptAfterAnErrorInTheWatchdog() {
    try (TestAgent agent = TestAgent.start(options().poolSize(1).timeout(Duration.ofMillis(200)))) {
      for (String uri : List.of("/loop", "/echo", "/loop", "/trap")) {
        agent.pool().submit(request(uri), ErrorsTest::fail);
        eventually(() -> agent.pool().state().busy() == 0 && agent.pool().waiting() == 0);
        eventually(() -> submit(agent, "/") instanceof Outcome.Decided);
      }
      assertEquals(Code.TIMEOUT, ((Outcome.Failed) submit(agent, "/loop")).failure().code());
      assertFalse(agent.isHopeless());
    }
  }

  /** An outcome that could not be handed on is handed on later, once and no more. */
  @Test
  void outcomeIsToldWhenItCanBe() {
    try (TestAgent agent = TestAgent.start(options().poolSize(1).timeout(Duration.ofMillis(200)))) {
      for (String uri : List.of("/loop", "/echo", "/trap")) {
        for (int failures = 1; failures <= 5; failures++) {
          AtomicInteger left = new AtomicInteger(failures);
          AtomicInteger told = new AtomicInteger();
          agent
              .pool()
              .submit(
                  request(uri),
                  outcome -> {
                    if (left.getAndDecrement() > 0) {
                      fail(outcome);
                    }
                    told.incrementAndGet();
                  });
          eventually(() -> told.get() == 1);
          eventually(() -> submit(agent, "/") instanceof Outcome.Decided);
          assertEquals(1, told.get());
        }
      }
      assertFalse(agent.isHopeless());
    }
  }

  /** When it fails at every look, deadlines are not kept, and nothing else would say so. */
  @Test
  void watchdogThatFailsForASecondAsksForANewProcess() {
    TestAgent.Options options =
        options().poolSize(1).timeout(Duration.ofMillis(500)).queueCapacity(10_000);
    AtomicBoolean failing = new AtomicBoolean(true);
    try (TestAgent agent = TestAgent.start(options)) {
      agent.pool().submit(request("/loop"), _ -> {});
      eventually(() -> agent.pool().state().busy() == 1);
      for (int i = 0; i < 5_000; i++) { // each fails one look, a millisecond after the last
        agent
            .pool()
            .submit(
                request("/loop"),
                outcome -> {
                  if (failing.get()) {
                    fail(outcome);
                  }
                });
      }
      eventually(agent::isHopeless);
      failing.set(false);
    }
  }

  private static void fail(Outcome outcome) {
    throw new OutOfMemoryError("a test's, at " + outcome);
  }

  private static boolean serves(TestAgent agent) {
    try (AgentClient client = agent.connect()) {
      return ask(client, request("/echo")).reply().decision() instanceof Decision.Allow;
    } catch (IOException e) {
      throw new AssertionError("no error was to come", e);
    }
  }

  /** The event has an answer, or its connection ends; it does not wait for ever. */
  private static void askAndMayLose(TestAgent agent, String uri) {
    try (AgentClient client = agent.connect()) {
      assertFalse(ask(client, request(uri)).json().isEmpty());
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer, and no end", e);
    } catch (IOException e) {
      // the connection was given up, which the peer sees
    }
  }

  private static Outcome submit(TestAgent agent, String uri) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    agent.pool().submit(request(uri), outcome::complete);
    return outcome.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static TestAgent.Options options() {
    return TestAgent.Options.of(Guests.compiled(Guests.PUPPET));
  }

  private record Failing(AtomicBoolean failing) implements GuestOutput {

    @Override
    public void line(Optional<AgentEvent> event, String line) {
      if (failing.get()) {
        throw new OutOfMemoryError("a test's, at a line");
      }
    }

    @Override
    public void lost(Optional<AgentEvent> event, long bytes) {}
  }
}
