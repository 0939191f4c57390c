package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How programs of several languages fail, and that nothing else is disturbed by it. */
class LanguageErrorsTest {

  @ParameterizedTest
  @EnumSource(Speech.class)
  void abortOfAssemblyScriptEndsItsOwnCallAlone(Speech speech) throws IOException {
    try (TestAgent agent =
            TestAgent.start(
                TestAgent.Options.of(Guests.compiled(Guests.ASSEMBLYSCRIPT_MISDEEDS)).poolSize(1));
        AgentClient client = agent.connect(speech)) {
      AgentReply failed = ask(client, request("/throw")).reply();
      assertEquals(List.of("trap"), failed.audit().reasonCodes());
      assertEquals(500, ((Decision.Block) failed.decision()).status());
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
      assertEquals(1, agent.discarded(Code.TRAP));
    }
  }

  /** 21 and 28 are WASI's numbers for a bad address and a bad argument: the module goes on. */
  @ParameterizedTest
  @CsvSource({"/iovec, iovec 21", "/vectors, vectors 28", "/stdin, stdin 0"})
  void whatCAsksTooMuchOfIsRefusedToIt(String uri, String body) throws IOException {
    try (TestAgent agent =
            TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.C_MISDEEDS)).poolSize(1));
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
}
