package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static io.sentinel.agent.TestAgent.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.pool.PoolState;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The module is replaced under the agent's connections: nobody notices but by the answers. */
class NewModuleTest {

  private static final CompiledModule PUPPET = Guests.compiled(Guests.PUPPET);
  private static final CompiledModule MINIMAL = Guests.compiled(Guests.MINIMAL);
  private static final List<String> OF_MINIMAL = List.of("minimal");

  private static final int ROUNDS = Integer.getInteger("replacements", 60);

  private final TestAgent agent =
      TestAgent.start(TestAgent.Options.of(PUPPET).poolSize(3).timeout(Duration.ofSeconds(20)));

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void underLoadEveryEventIsAnsweredByTheOldOrTheNew() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger byPuppet = new AtomicInteger();
    AtomicInteger byMinimal = new AtomicInteger();
    List<CompletableFuture<Void>> peers = new ArrayList<>();
    for (Speech speech : Speech.values()) {
      for (int i = 0; i < 3; i++) {
        peers.add(inBackground(() -> askUntil(over, speech, byPuppet, byMinimal)));
      }
    }
    try (AgentClient client = agent.connect()) {
      for (int round = 0; round < ROUNDS; round++) {
        int before = byPuppet.get() + byMinimal.get();
        await(agent.pool().replace(round % 2 == 0 ? MINIMAL : PUPPET));
        AgentEvent.RequestHeaders event = request("/echo");
        assertEquals(
            round % 2 == 0 ? OF_MINIMAL : List.of("echo:" + event.correlationId()),
            ask(client, event).reply().audit().tags());
        eventually(() -> byPuppet.get() + byMinimal.get() > before || failed(peers));
        assertEquals(new PoolState(3, 3, 0, 0, 0), atRest(agent.pool().state()));
      }
    }
    over.set(true);
    for (CompletableFuture<Void> peer : peers) {
      peer.get(20, TimeUnit.SECONDS);
    }
    assertTrue(byPuppet.get() > 0 && byMinimal.get() > 0, byPuppet + ", " + byMinimal);
    assertEquals(3 * (ROUNDS + 1), agent.instancesMade());
  }

  /**
   * Making instances may take longer than an answer: on version 1 a late one would end the
   * connection.
   */
  @Test
  void configureThatTakesLongIsAnsweredInTimeAndAppliedLater() throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(PUPPET).poolSize(1).timeout(Duration.ofMillis(300));
    try (TestAgent own = TestAgent.start(options);
        AgentClient client = own.connect(Speech.V1)) {
      Future<Void> first = own.pool().replace(Guests.compiled(Guests.hostile("loop-in-start")));
      assertEquals(AgentReply.allow(), configure(client, 7));
      assertEquals(AgentReply.allow(), configure(client, 3));
      assertFalse(first.isComplete(), "the changes wait for this one");
      assertEquals(1, ask(client, request("/echo")).reply().audit().tags().size());
      eventually(() -> own.pool().state().slots() == 3);
      assertTrue(first.failed());
    }
  }

  /** What waits is bounded, whoever asks for it and however often. */
  @Test
  void changesThatAreTooManyAreRefused() throws IOException {
    TestAgent.Options options =
        TestAgent.Options.of(PUPPET).poolSize(1).timeout(Duration.ofMillis(20));
    try (TestAgent own = TestAgent.start(options);
        AgentClient client = own.connect(Speech.V2_JSON)) {
      Future<Void> first = own.pool().replace(Guests.compiled(Guests.hostile("loop-in-start")));
      for (int i = 0; i < 16; i++) {
        assertEquals(AgentReply.allow(), configure(client, 2 + i % 2));
      }
      assertFalse(first.isComplete(), "the changes wait for this one");
      AgentReply refused = configure(client, 4);
      assertEquals(500, ((Decision.Block) refused.decision()).status());
      eventually(() -> own.pool().state().slots() == 3);
      eventually(() -> isAllowed(client, 4));
      eventually(() -> own.pool().state().slots() == 4);
    }
  }

  private static boolean isAllowed(AgentClient client, int poolSize) {
    try {
      return configure(client, poolSize).equals(AgentReply.allow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AgentReply configure(AgentClient client, int poolSize) throws IOException {
    return ask(client, new AgentEvent.Configure("c-1", Map.of("pool-size", poolSize))).reply();
  }

  private static boolean failed(List<CompletableFuture<Void>> peers) {
    return peers.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
  }

  private void askUntil(
      AtomicBoolean over, Speech speech, AtomicInteger byPuppet, AtomicInteger byMinimal) {
    try (AgentClient client = agent.connect(speech)) {
      while (!over.get()) {
        AgentEvent.RequestHeaders event = request("/echo");
        List<String> tags = ask(client, event).reply().audit().tags();
        if (tags.equals(OF_MINIMAL)) {
          byMinimal.incrementAndGet();
        } else {
          assertEquals(List.of("echo:" + event.correlationId()), tags);
          byPuppet.incrementAndGet();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the peers do meanwhile is left out. */
  private static PoolState atRest(PoolState state) {
    return new PoolState(state.slots(), state.ready(), 0, 0, state.stuck());
  }

  @Test
  void eventInFlightEndsOnTheOldWhileTheNewServesAlready() throws Exception {
    AgentEvent.RequestHeaders slow = request("/spin/300000000");
    CompletableFuture<List<String>> answer = inBackground(() -> tags(slow));
    eventually(() -> agent.pool().state().busy() == 1);
    Future<Void> replaced = agent.pool().replace(MINIMAL);
    eventually(() -> tags(request("/echo")).equals(OF_MINIMAL));
    assertTrue(!answer.isDone() && !replaced.isComplete(), "the slow event is no slow one");
    assertEquals(List.of("echo:" + slow.correlationId()), answer.get(20, TimeUnit.SECONDS));
    await(replaced);
    assertEquals(new PoolState(3, 3, 0, 0, 0), agent.pool().state());
  }

  @Test
  void whatIsHandledChangesWithTheModule() throws Exception {
    AgentEvent.ResponseHeaders event = response(200, "x-do", "/echo");
    assertEquals(List.of("echo:" + event.correlationId()), tags(event));
    await(agent.pool().replace(MINIMAL));
    assertEquals(List.of(), tags(event));
    try (Peer2 peer = Peer2.connect(agent.socket())) {
      peer.send(Peer2.HANDSHAKE, "{\"supported_versions\":[2],\"supported_encodings\":[\"json\"]}");
      assertTrue(peer.read().json().toString().contains("\"supported_events\":[1]"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"javascript/policy.js", "lua/policy.lua"})
  void scriptTakesAModulesPlaceAndGivesItBack(String example) throws Exception {
    CompiledModule script = Guests.compiled(Path.of("examples").resolve(example));
    AgentEvent.RequestHeaders slow = request("/spin/300000000");
    CompletableFuture<List<String>> answer = inBackground(() -> tags(slow));
    eventually(() -> agent.pool().state().busy() == 1);
    Future<Void> replaced = agent.pool().replace(script);
    eventually(() -> tags(request("/echo")).equals(List.of("checked")));
    assertEquals(List.of("auth-required"), tags(request("/admin")));
    assertEquals(List.of("echo:" + slow.correlationId()), answer.get(20, TimeUnit.SECONDS));
    await(replaced);
    assertEquals(new PoolState(3, 3, 0, 0, 0), agent.pool().state());
    await(agent.pool().replace(PUPPET));
    AgentEvent.RequestHeaders event = request("/echo");
    assertEquals(List.of("echo:" + event.correlationId()), tags(event));
  }

  @Test
  void scriptTakesAnotherScriptsPlace() {
    await(agent.pool().replace(Guests.compiled(Path.of("examples/javascript/policy.js"))));
    assertEquals(List.of("checked"), tags(request("/")));
    await(agent.pool().replace(Guests.compiled(Path.of("src/test/resources/scripts/hostile.lua"))));
    assertEquals(List.of("good"), tags(request("/")));
    assertEquals(List.of("wasm-error"), tags(request("/throwsTable")));
    assertEquals(List.of("good"), tags(request("/")));
  }

  @Test
  void moduleThatCannotBeStartedLeavesThePoolAsItWas() {
    CompiledModule bad = Guests.compiled(Guests.hostile("trap-in-start"));
    assertThrows(CompletionException.class, () -> await(agent.pool().replace(bad)));
    assertEquals(new PoolState(3, 3, 0, 0, 0), agent.pool().state());
    AgentEvent.RequestHeaders event = request("/echo");
    assertEquals(List.of("echo:" + event.correlationId()), tags(event));
    await(agent.pool().replace(MINIMAL));
    assertEquals(OF_MINIMAL, tags(event));
  }

  @Test
  void sizeThatIsSetMeanwhileHolds() {
    Future<Void> replaced = agent.pool().replace(MINIMAL);
    Future<Void> resized = agent.pool().resize(5);
    await(Future.join(replaced, resized));
    assertEquals(new PoolState(5, 5, 0, 0, 0), agent.pool().state());
    await(agent.pool().replace(PUPPET));
    assertEquals(new PoolState(5, 5, 0, 0, 0), agent.pool().state());
  }

  /**
   * The pool closes while the new slots are in the module's endless start: the change has begun and
   * cannot have ended.
   */
  @Test
  void poolThatIsClosedMeanwhileEnds() {
    CompiledModule endless = Guests.compiled(Guests.hostile("loop-in-start"));
    Future<Void> replaced = agent.pool().replace(endless);
    await(agent.pool().close());
    assertThrows(CompletionException.class, () -> await(replaced));
  }

  /** Changes wait for each other: the pool is closed before the second one has begun. */
  @Test
  void changeOfPoolThatIsClosedFails() {
    CompiledModule endless = Guests.compiled(Guests.hostile("loop-in-start"));
    Future<Void> first = agent.pool().replace(endless);
    Future<Void> second = agent.pool().replace(MINIMAL);
    await(agent.pool().close());
    assertThrows(CompletionException.class, () -> await(first));
    ModuleException e =
        (ModuleException) assertThrows(CompletionException.class, () -> await(second)).getCause();
    assertTrue(String.valueOf(e.getMessage()).contains("stopping"), e.getMessage());
  }

  private List<String> tags(AgentEvent event) {
    try (AgentClient client = agent.connect()) {
      return ask(client, event).reply().audit().tags();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
