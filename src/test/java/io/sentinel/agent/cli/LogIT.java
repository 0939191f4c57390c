package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged agent writes about events, and what it does where nobody reads that. */
class LogIT {

  /** Far more lines than a pipe and the log's queue hold together. */
  private static final int MANY = 8_000;

  @TempDir private Path directory;

  @Test
  void eachEventIsALineAtDebugAndNoneAtInfo() throws Exception {
    for (boolean verbose : new boolean[] {true, false}) {
      List<String> lines =
          linesOf(
              Guests.PUPPET,
              verbose,
              request("c-1", "r-7", "/"),
              new AgentEvent.ResponseHeaders("c-2", 200, List.of()));
      if (verbose) {
        assertEquals(2, lines.size(), lines.toString());
        assertLine(
            lines.getFirst(),
            " DEBUG Event: allow after ",
            "event=request_headers",
            "c-1 route=r-7]");
        assertLine(lines.getLast(), " DEBUG Event: allow after ", "event=response_headers", "c-2]");
        assertTrue(lines.getFirst().contains("[module=puppet.wasm "), lines.getFirst());
      } else {
        assertEquals(List.of(), lines);
      }
    }
  }

  @Test
  void moduleErrorSaysOfWhichModuleEventAndRoute() throws Exception {
    List<String> lines = linesOf(Guests.PUPPET, false, request("c-1", "r-7", "/trap"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " WARN  Module error trap: ",
        "[module=puppet.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void abortSaysWhereFirst() throws Exception {
    List<String> lines =
        linesOf(Guests.ASSEMBLYSCRIPT_MISDEEDS, false, request("c-1", "r-7", "/throw"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " WARN  Module error trap: abort at ",
        "misdeeds.ts:13:5: no rule for this",
        "[module=languages-assemblyscript.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void whatAModuleWritesSaysOfWhichModuleEventAndRoute() throws Exception {
    List<String> lines = linesOf(Guests.C_MISDEEDS, false, request("c-1", "r-7", "/stdin"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " INFO  Module output: standard input is at its end ",
        "[module=languages-c.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void errorsThatAreTooManyAreCounted() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, Guests.PUPPET, false);
        AgentClient client = AgentProcess.connect(socket)) {
      int asked = 0;
      while (!agent.output().contains("Module errors: ")) {
        for (int i = 0; i < 100; i++) {
          ask(client, request("c-" + asked++, "r", "/trap"));
        }
      }
      assertTrue(
          agent.output().contains(" more were not logged [module=puppet.wasm]"), agent.output());
    }
  }

  /** A supervisor that hangs, or a terminal that was stopped, must not stop the proxy. */
  @Test
  void standardOutputThatNobodyReadsHoldsUpNothing() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.unread(
            directory,
            socket,
            "--module",
            Guests.PUPPET.toString(),
            "--verbose",
            "--timeout",
            "5s")) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        for (int i = 0; i < MANY; i++) {
          assertEquals(
              Decision.allow(), ask(client, request("c-" + i, "r-7", "/")).reply().decision());
        }
      }
      agent.terminate();
      Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode());
      assertFalse(Files.exists(socket));
    }
  }

  /** The lines that are about events, of an agent that was asked these. */
  private List<String> linesOf(Path module, boolean verbose, AgentEvent... events)
      throws IOException, InterruptedException {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, module, verbose)) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        for (AgentEvent event : events) {
          ask(client, event);
        }
      }
      agent.terminate();
      return agent.awaitEnd().output().lines().filter(line -> line.contains("=c-")).toList();
    }
  }

  private AgentProcess serving(Path socket, Path module, boolean verbose) throws IOException {
    return verbose
        ? AgentProcess.serving(
            directory, socket, "--module", module.toString(), "--timeout", "5s", "-v")
        : AgentProcess.serving(directory, socket, "--module", module.toString(), "--timeout", "5s");
  }

  private static AgentEvent request(String id, String route, String uri) {
    return new AgentEvent.RequestHeaders(
        id, "GET", uri, "192.0.2.7", Optional.of(route), List.of());
  }

  private static void assertLine(String line, String... parts) {
    for (String part : parts) {
      assertTrue(line.contains(part), line);
    }
  }
}
