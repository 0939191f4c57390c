package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestPoolTest {

  private TestAgent agent;

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void endlessLoopIsAnsweredAtItsDeadlineAndItsSlotServesOn() throws Exception {
    start(options().poolSize(1).timeout(Duration.ofMillis(100)));
    long begun = System.nanoTime();
    assertFailed(Code.TIMEOUT, submit("/loop"));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    assertTrue(millis >= 100, "answered before its deadline, after " + millis + " ms");
    assertAllowed(submitWhenReady("/"));
    assertEquals(1, agent.discarded(Code.TIMEOUT));
    assertEquals(0, agent.stuckThreads());
  }

  @Test
  void instanceIsNotUsedAgainAfterATrap() throws Exception {
    start(options().poolSize(1));
    assertFailed(Code.TRAP, submit("/secret/hunter2"));
    Outcome.Decided revealed = (Outcome.Decided) submit("/reveal").get();
    assertEquals(List.of("secret:"), revealed.reply().audit().tags());
  }

  @Test
  void healthyInstanceKeepsItsState() throws Exception {
    start(options().poolSize(1));
    for (int i = 1; i <= 3; i++) {
      Outcome.Decided counted = (Outcome.Decided) submit("/count").get();
      assertEquals(List.of("count:" + i), counted.reply().audit().tags());
    }
  }

  @Test
  void eventThatFindsNoSlotBeforeItsDeadlineIsOverloaded() throws Exception {
    start(options().poolSize(1).timeout(Duration.ofMillis(150)));
    CompletableFuture<Outcome> loop = submit("/loop");
    CompletableFuture<Outcome> waiting = submit("/");
    assertFailed(Code.TIMEOUT, loop);
    Outcome outcome = waiting.get();
    // Both are due at almost the same moment: the second may just get the slot, and no time.
    if (outcome instanceof Outcome.Failed(var failure)) {
      assertTrue(
          List.of(Code.OVERLOADED, Code.TIMEOUT).contains(failure.code()), outcome.toString());
    } else {
      assertAllowed(waiting);
    }
  }

  @Test
  void fullQueueIsOverloadedAtOnce() throws Exception {
    start(options().poolSize(1).queueCapacity(3).timeout(Duration.ofSeconds(2)));
    CompletableFuture<Outcome> loop = submit("/loop");
    eventually(() -> agent.pool().state().busy() == 1);
    List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(submit("/"));
    }
    CompletableFuture<Outcome> oneTooMany = submit("/");
    assertTrue(oneTooMany.isDone());
    assertFailed(Code.OVERLOADED, oneTooMany);
    assertFailed(Code.TIMEOUT, loop);
    for (CompletableFuture<Outcome> one : waiting) {
      one.get(10, TimeUnit.SECONDS);
    }
    assertEquals(0, agent.pool().state().waiting());
  }

  @Test
  void eventDoesNotWaitBehindASlowCallWhileASlotIsIdle() throws Exception {
    start(options().poolSize(2).timeout(Duration.ofSeconds(2)));
    CompletableFuture<Outcome> slow = submit("/loop");
    eventually(() -> agent.pool().state().busy() == 1);
    for (int i = 0; i < 100; i++) {
      assertAllowed(submit("/"));
    }
    assertTrue(!slow.isDone(), "the quick events were answered only after the slow one");
    assertFailed(Code.TIMEOUT, slow);
  }

  @Test
  void allSlotsWorkAtOnce() throws Exception {
    start(options().poolSize(4).timeout(Duration.ofSeconds(1)));
    List<CompletableFuture<Outcome>> loops = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      loops.add(submit("/loop"));
    }
    eventually(() -> agent.pool().state().busy() == 4);
    for (CompletableFuture<Outcome> loop : loops) {
      assertFailed(Code.TIMEOUT, loop);
    }
    eventually(() -> agent.pool().state().busy() == 0);
    assertEquals(0, agent.stuckThreads());
  }

  @Test
  void poolGrowsAndShrinksWhileItWorks() throws Exception {
    start(options().poolSize(2).timeout(Duration.ofSeconds(15)));
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    for (int size : new int[] {5, 1, 8, 2}) {
      for (int i = 0; i < 200; i++) {
        all.add(submit("/spin/1000"));
      }
      TestAgent.await(agent.pool().resize(size));
      eventually(() -> agent.pool().state().slots() == size);
      eventually(() -> agent.pool().state().ready() == size);
    }
    for (CompletableFuture<Outcome> one : all) {
      Outcome outcome = one.get(20, TimeUnit.SECONDS);
      assertTrue(outcome instanceof Outcome.Decided, outcome.toString());
    }
  }

  @Test
  void closedPoolAnswersEverything() throws Exception {
    start(options().poolSize(1).timeout(Duration.ofSeconds(1)));
    CompletableFuture<Outcome> loop = submit("/loop");
    eventually(() -> agent.pool().state().busy() == 1);
    CompletableFuture<Outcome> waiting = submit("/");
    agent.pool().close();
    assertFailed(Code.CLOSED, waiting);
    assertFailed(Code.CLOSED, submit("/"));
    assertFailed(Code.TIMEOUT, loop);
  }

  private static TestAgent.Options options() {
    return TestAgent.Options.of(Guests.compiled(Guests.PUPPET));
  }

  private void start(TestAgent.Options options) {
    agent = TestAgent.start(options);
  }

  private CompletableFuture<Outcome> submit(String uri) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    agent.pool().submit(request(uri), outcome::complete);
    return outcome;
  }

  /** Submits until the event got a slot: after a timeout, its thread may not be back yet. */
  private CompletableFuture<Outcome> submitWhenReady(String uri) throws Exception {
    eventually(() -> agent.pool().state().busy() == 0);
    return submit(uri);
  }

  private static void assertAllowed(CompletableFuture<Outcome> outcome) throws Exception {
    assertEquals(new Outcome.Decided(AgentReply.allow()), outcome.get(10, TimeUnit.SECONDS));
  }

  private static void assertFailed(Code code, CompletableFuture<Outcome> outcome) throws Exception {
    if (outcome.get(10, TimeUnit.SECONDS) instanceof Outcome.Failed(var failure)) {
      assertEquals(code, failure.code(), failure.toString());
    } else {
      throw new AssertionError("decided: " + outcome.get());
    }
  }
}
