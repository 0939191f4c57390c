package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of the packaged agent: starts, serves, is terminated or killed, starts again. */
class LifeIT {

  @TempDir private Path directory;

  @Test
  void servesTheExampleAndStopsInOrder() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(directory, socket, "--module", Guests.RUST_POLICY.toString())) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        Answer answer = ask(client, request("/admin"));
        Decision.Block block = (Decision.Block) answer.reply().decision();
        assertEquals(403, block.status());
      }
      agent.terminate();
      Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode(), ended.output());
      assertFalse(Files.exists(socket));
      assertFalse(ended.output().contains("ERROR"), ended.output());
    }
  }

  @Test
  void killedAgentsSocketIsReplacedByTheNext() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(directory, socket, "--module", Guests.MINIMAL.toString())) {
      agent.kill();
    }
    assertTrue(Files.exists(socket));
    try (AgentProcess next =
            AgentProcess.serving(directory, socket, "--module", Guests.MINIMAL.toString());
        AgentClient client = AgentProcess.connect(socket)) {
      assertTrue(next.output().contains("an agent that is gone"), next.output());
      assertEquals(Decision.allow(), ask(client, request("/")).reply().decision());
    }
  }

  @Test
  void sendPrintsTheDecision() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.serving(directory, socket, "--module", Guests.RUST_POLICY.toString())) {
      assertTrue(agent.pid() > 0);
      Ended blocked = send(socket, "--uri", "/admin");
      assertEquals(0, blocked.exitCode());
      assertTrue(blocked.output().startsWith("block 403"), blocked.output());
      assertTrue(blocked.output().contains("took "), blocked.output());

      Ended allowed = send(socket, "--uri", "/admin", "-H", "Authorization: Basic x");
      assertTrue(allowed.output().startsWith("allow"), allowed.output());

      Ended json = send(socket, "--json");
      assertTrue(json.output().startsWith("{\"version\":1,\"decision\":\"allow\""), json.output());

      Ended response =
          send(socket, "--event", "response_headers", "--status", "500", "-H", "server: x");
      assertTrue(response.output().contains("remove response header: server"), response.output());

      Path event = directory.resolve("event.json");
      Files.write(
          event,
          io.sentinel.agent.wire.EventWriter.write(
              new io.sentinel.agent.message.AgentEvent.RequestHeaders(
                  "c", "GET", "/admin", "192.0.2.7", Optional.empty(), java.util.List.of())));
      Ended file = send(socket, "--file", event.toString());
      assertTrue(file.output().startsWith("block 403"), file.output());
    }
  }

  @Test
  void sendWithoutAnAnswerExitsWith1() throws Exception {
    Ended nobody = send(directory.resolve("none.sock"));
    assertEquals(1, nobody.exitCode());
    assertTrue(nobody.output().contains("no answer from"), nobody.output());
  }

  @Test
  void sendWithBadUsageExitsWith2() throws Exception {
    assertEquals(2, send(directory.resolve("none.sock"), "--event", "nonsense").exitCode());
    assertEquals(2, send(directory.resolve("none.sock"), "-H", "no-colon").exitCode());
    assertEquals(2, send(directory.resolve("none.sock"), "--file", "no-such").exitCode());
    assertEquals(2, send(directory.resolve("none.sock"), "--nonsense").exitCode());
  }

  private Ended send(Path socket, String... args) throws Exception {
    String[] all = new String[args.length + 3];
    all[0] = "send";
    all[1] = "--socket";
    all[2] = socket.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    return AgentProcess.run(directory, Map.of(), all);
  }
}
