package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.wire.EventWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code send} prints of an agent's answers, and how it ends. */
class SendCommandTest {

  @TempDir private Path directory;

  private TestAgent agent;

  private record Ran(int exitCode, String out, String err) {}

  @BeforeEach
  void start() {
    agent = TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.RUST_POLICY)));
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--protocol 2", "--protocol 2 --encoding msgpack"})
  void decisionIsPrintedInEveryVersion(String speech) {
    Ran blocked = send("--uri /admin " + speech);
    assertEquals(0, blocked.exitCode(), blocked.err());
    assertTrue(blocked.out().startsWith("block 403"), blocked.out());
    assertTrue(blocked.out().contains("took "), blocked.out());
  }

  @Test
  void headersAndResponsesAreSent() {
    Ran allowed = send("--uri /admin -H authorization:x");
    assertTrue(allowed.out().startsWith("allow"), allowed.out());
    Ran response = send("--event response_headers --status 500 -H server:x");
    assertTrue(response.out().contains("remove response header: server"), response.out());
  }

  @Test
  void answerIsPrintedAsItCame() {
    Ran json = send("--json");
    assertTrue(json.out().startsWith("{\"version\":1,\"decision\":\"allow\""), json.out());
  }

  @Test
  void fileIsSentAsItIs() throws Exception {
    Path event = directory.resolve("event.json");
    Files.write(
        event,
        EventWriter.write(
            new AgentEvent.RequestHeaders(
                "c", "GET", "/admin", "192.0.2.7", Optional.empty(), List.of())));
    Ran file = send("--file " + event);
    assertTrue(file.out().startsWith("block 403"), file.out());
  }

  @Test
  void missingAnswerIsSaidInOneLine() {
    Ran nobody = run("send", "--socket", directory.resolve("none.sock").toString());
    assertEquals(1, nobody.exitCode());
    assertTrue(nobody.err().contains("no answer from"), nobody.err());
    assertEquals(1, nobody.err().lines().count());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--event nonsense",
        "-H no-colon",
        "--file no-such",
        "--nonsense",
        "--protocol 3",
        "--encoding msgpack"
      })
  void wrongOptionsAreUsageErrors(String options) {
    assertEquals(2, send(options).exitCode());
  }

  private Ran send(String options) {
    List<String> args = new ArrayList<>(List.of("send", "--socket", agent.socket().toString()));
    Arrays.stream(options.split(" ")).filter(word -> !word.isEmpty()).forEach(args::add);
    return run(args.toArray(String[]::new));
  }

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ran(line.execute(args), out.toString(), err.toString());
  }
}
