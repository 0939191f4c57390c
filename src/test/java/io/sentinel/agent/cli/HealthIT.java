package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes are told, from the start of the process to its end. */
class HealthIT {

  private static final int UP = 200;
  private static final int DOWN = 503;

  @TempDir private Path directory;

  private Path socket;
  private int port;

  @BeforeEach
  void choosePlaces() throws IOException {
    socket = directory.resolve("a.sock");
    port = AdminHttp.freePort();
  }

  @Test
  void startingAgentIsAliveAndNotReadyAndThenItIs() throws Exception {
    try (AgentProcess agent = start(Guests.SLOW_START, "--pool-size", "1")) {
      eventually(() -> AdminHttp.status(port, "/q/health/live") == UP);
      assertEquals(List.of(UP, DOWN, DOWN), liveReadyStarted());
      assertFalse(Files.exists(socket));
      agent.awaitOutput("Serving");
      assertEquals(List.of(UP, UP, UP), liveReadyStarted());
    }
  }

  @Test
  void drainingAgentIsAliveAndNotReady() throws Exception {
    try (AgentProcess agent = start(Guests.PUPPET, "--timeout", "4s")) {
      agent.awaitOutput("Serving");
      try (AgentClient client = AgentProcess.connect(socket)) {
        CompletableFuture<AgentReply> answer = inBackground(() -> reply(client, "/loop"));
        eventually(() -> AdminHttp.get(port, "/q/metrics").contains("sentinel_slots_busy 1.0"));
        agent.terminate();
        eventually(() -> AdminHttp.status(port, "/q/health/ready") == DOWN);
        assertEquals(List.of(UP, DOWN, UP), liveReadyStarted());
        assertFalse(answer.isDone());
        assertEquals("block", answer.get().decision().kind().label());
      }
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
    }
  }

  @Test
  void agentWhoseSocketWasTakenAwayIsNotReadyAndSaysSo() throws Exception {
    try (AgentProcess agent = start(Guests.PUPPET)) {
      agent.awaitOutput("Serving");
      try (AgentClient client = AgentProcess.connect(socket)) {
        Files.delete(socket);
        eventually(() -> AdminHttp.status(port, "/q/health/ready") == DOWN);
        agent.awaitOutput("was removed or replaced by somebody else");
        assertEquals("allow", reply(client, "/echo").decision().kind().label());
      }
      Files.createFile(socket); // not the agent's: it stays
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
      assertTrue(Files.exists(socket));
    }
  }

  /** What was read may have changed since: the signal is acted on when the agent serves. */
  @Test
  void hangUpDuringTheStartEndsNothingAndIsActedOn() throws Exception {
    assumeFalse(AgentProcess.hangUpIsIgnored(), "the tests run under nohup");
    try (AgentProcess agent = start(Guests.SLOW_START, "--pool-size", "1")) {
      eventually(() -> AdminHttp.status(port, "/q/health/started") == DOWN);
      agent.signal("HUP");
      agent.awaitOutput("Serving ");
      agent.awaitOutput("Serving the new");
      assertTrue(agent.output().indexOf("Serving the new") > agent.output().indexOf("Serving "));
      try (AgentClient client = AgentProcess.connect(socket)) {
        assertEquals(Decision.allow(), reply(client, "/").decision());
      }
    }
  }

  /** Nothing has come yet that could be lost. */
  @Test
  void terminationDuringTheStartEndsInOrderToo() throws Exception {
    try (AgentProcess agent = start(Guests.SLOW_START, "--pool-size", "1")) {
      eventually(() -> AdminHttp.status(port, "/q/health/live") == UP);
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
      assertFalse(Files.exists(socket));
    }
  }

  private AgentProcess start(Path module, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--module",
                module.toString(),
                "--socket",
                socket.toString(),
                "--admin-port",
                Integer.toString(port)));
    args.addAll(List.of(more));
    return AgentProcess.start(directory, Map.of(), args.toArray(String[]::new));
  }

  private List<Integer> liveReadyStarted() {
    return List.of(
        AdminHttp.status(port, "/q/health/live"),
        AdminHttp.status(port, "/q/health/ready"),
        AdminHttp.status(port, "/q/health/started"));
  }

  private static AgentReply reply(AgentClient client, String uri) {
    try {
      return ask(client, request(uri)).reply();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
