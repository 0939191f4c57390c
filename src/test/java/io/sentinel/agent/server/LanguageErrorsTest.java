package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestException;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How programs of several languages fail (src/test/guests/languages), and that nothing else is
 * disturbed by it.
 */
class LanguageErrorsTest {

  private record Failing(Path guest, String uri, Code code) {}

  private record Case(Failing failing, Speech speech) {}

  static Stream<Case> cases() {
    return Stream.of(
            new Failing(Guests.GO_MISDEEDS, "/panic", Code.TRAP),
            new Failing(Guests.GO_MISDEEDS, "/exit", Code.TRAP),
            new Failing(Guests.GO_MISDEEDS, "/sleep", Code.TIMEOUT),
            new Failing(Guests.ASSEMBLYSCRIPT_MISDEEDS, "/throw", Code.TRAP),
            new Failing(Guests.C_MISDEEDS, "/iovec", Code.TRAP),
            new Failing(Guests.C_MISDEEDS, "/vectors", Code.TRAP))
        .flatMap(failing -> Stream.of(Speech.values()).map(speech -> new Case(failing, speech)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void failureEndsItsOwnCallAlone(Case one) throws IOException {
    Failing failing = one.failing();
    try (TestAgent agent = agent(failing.guest(), 1, Duration.ofSeconds(1));
        AgentClient client = agent.connect(one.speech())) {
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      AgentReply failed = ask(client, request(failing.uri())).reply();
      assertEquals(List.of(failing.code().label()), failed.audit().reasonCodes());
      assertEquals(500, ((Decision.Block) failed.decision()).status());
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      assertEquals(1, agent.discarded(failing.code()));
      assertEquals(2, agent.instancesMade());
    }
  }

  @Test
  void othersAreServedWhileOneSleeps() throws Exception {
    try (TestAgent agent = agent(Guests.GO_MISDEEDS, 2, Duration.ofSeconds(5));
        AgentClient client = agent.connect(Speech.V1)) {
      CompletableFuture<AgentReply> sleeper = inBackground(() -> replyTo(agent, "/sleep"));
      eventually(() -> agent.pool().state().busy() == 1);
      for (int i = 0; i < 20; i++) {
        assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      }
      assertFalse(sleeper.isDone());
      assertEquals(List.of("timeout"), sleeper.get(20, TimeUnit.SECONDS).audit().reasonCodes());
    }
  }

  @Test
  void panicOfGoIsWrittenAndItsExitIsNamed() {
    List<String> lines = new ArrayList<>();
    CompiledModule module = Guests.compiled(Guests.GO_MISDEEDS);
    assertThrows(
        GuestException.class, () -> module.instantiate(into(lines)).call(request("/panic")));
    assertEquals("panic: no rule for this", lines.getFirst());
    GuestException exit =
        assertThrows(
            GuestException.class, () -> module.instantiate(into(lines)).call(request("/exit")));
    assertEquals("the module called proc_exit(3)", exit.getMessage());
  }

  private static GuestOutput into(List<String> lines) {
    return new GuestOutput() {
      @Override
      public void line(Optional<AgentEvent> event, String line) {
        lines.add(line);
      }

      @Override
      public void lost(Optional<AgentEvent> event, long bytes) {}
    };
  }

  /** The C library's number of bytes read, Go's with whether that was the end and no error. */
  @ParameterizedTest
  @CsvSource({"languages-c, /stdin, stdin 0", "languages-go, /stdin, stdin 0 true"})
  void standardInputIsAtItsEndAndTheProgramGoesOn(String guest, String uri, String body)
      throws IOException {
    assertAnswersOnTheSameInstance(Guests.guest(guest), uri, body);
  }

  @Test
  void ofManyVectorsAsManyAreWrittenAsTheCallSays() throws IOException {
    assertAnswersOnTheSameInstance(Guests.C_MISDEEDS, "/many", "many 1024");
  }

  private static void assertAnswersOnTheSameInstance(Path guest, String uri, String body)
      throws IOException {
    try (TestAgent agent = agent(guest, 1, Duration.ofSeconds(2));
        AgentClient client = agent.connect(Speech.V1)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(
            new Decision.Block(403, Optional.of(body)),
            ask(client, request(uri)).reply().decision());
      }
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      assertEquals(1, agent.instancesMade());
    }
  }

  private static AgentReply replyTo(TestAgent agent, String uri) {
    try (AgentClient client = agent.connect(Speech.V1)) {
      return ask(client, request(uri)).reply();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestAgent agent(Path guest, int slots, Duration timeout) {
    return TestAgent.start(
        TestAgent.Options.of(Guests.compiled(guest)).poolSize(slots).timeout(timeout));
  }
}
