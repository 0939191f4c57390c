package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged agent writes about events, and what it does where nobody reads that. */
class LogIT {

  /** Far more lines than a pipe and the log's queue hold together. */
  private static final int MANY = 8_000;

  @TempDir private Path directory;

  @Test
  void eachEventIsALineAtDebug() throws Exception {
    List<String> lines =
        linesOf(
            Guests.PUPPET,
            List.of("-v"),
            request("c-1", "r-7", "/"),
            new AgentEvent.ResponseHeaders("c-2", 200, List.of()));
    assertEquals(2, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(), " DEBUG Event: allow after ", "event=request_headers", "c-1 route=r-7]");
    assertLine(lines.getLast(), " DEBUG Event: allow after ", "event=response_headers", "c-2]");
    assertTrue(lines.getFirst().contains("[module=puppet.wasm "), lines.getFirst());
  }

  @Test
  void atInfoModuleErrorsAloneSayOfWhichModuleEventAndRoute() throws Exception {
    List<String> lines =
        linesOf(
            Guests.PUPPET,
            List.of(),
            request("c-0", "r-7", "/"),
            new AgentEvent.ResponseHeaders("c-2", 200, List.of()),
            request("c-1", "r-7", "/trap"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " WARN  Module error trap: ",
        "[module=puppet.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void inJsonEachLineIsAnObjectWithFieldsForWhatItIsAbout() throws Exception {
    Path socket = directory.resolve("a.sock");
    Map<String, JsonNode> found = new HashMap<>();
    try (AgentProcess agent =
        serving(socket, Guests.C_MISDEEDS, List.of("-v", "--log-format", "json"))) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        ask(client, request("c-1", "r-7", "/stdin"));
        ask(client, request("c-\n2", "r-8", "/iovec"));
        ask(client, new AgentEvent.ResponseHeaders("c-3", 200, List.of()));
      }
      agent.terminate();
      for (String line : agent.awaitEnd().output().lines().toList()) {
        JsonNode parsed = new ObjectMapper().readTree(line);
        String id = parsed.at("/mdc/correlation_id").asText();
        found.put(parsed.get("level").asText() + " " + id, parsed);
        assertEquals(id.isEmpty(), parsed.at("/mdc/event").isMissingNode(), line);
      }
    }
    assertFields(found.get("DEBUG c-1"), "Event: block after", "request_headers", "r-7");
    assertFields(found.get("INFO c-1"), "Module output: standard ", "request_headers", "r-7");
    assertFields(found.get("WARN c-\\u000a2"), "Module error trap: ", "request_headers", "r-8");
    assertFields(found.get("DEBUG c-3"), "Event: allow after", "response_headers", "");
    assertTrue(found.containsKey("INFO "), "no line is about no event: " + found.keySet());
  }

  private static void assertFields(JsonNode line, String message, String event, String route) {
    assertTrue(line.get("message").asText().startsWith(message), line.toString());
    assertEquals("languages-c.wasm", line.at("/mdc/module").asText());
    assertEquals(event, line.at("/mdc/event").asText());
    assertEquals(route, line.at("/mdc/route").asText());
  }

  @Test
  void abortSaysWhereFirst() throws Exception {
    List<String> lines =
        linesOf(Guests.ASSEMBLYSCRIPT_MISDEEDS, List.of(), request("c-1", "r-7", "/throw"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " WARN  Module error trap: abort at ",
        "misdeeds.ts:13:5: no rule for this",
        "[module=languages-assemblyscript.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void whatAModuleWritesSaysOfWhichModuleEventAndRoute() throws Exception {
    List<String> lines = linesOf(Guests.C_MISDEEDS, List.of(), request("c-1", "r-7", "/stdin"));
    assertEquals(1, lines.size(), lines.toString());
    assertLine(
        lines.getFirst(),
        " INFO  Module output: standard input is at its end ",
        "[module=languages-c.wasm event=request_headers correlation_id=c-1 route=r-7]");
  }

  @Test
  void errorsThatAreTooManyAreCounted() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, Guests.PUPPET, List.of());
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
  private List<String> linesOf(Path module, List<String> flags, AgentEvent... events)
      throws IOException, InterruptedException {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, module, flags)) {
      try (AgentClient client = AgentProcess.connect(socket)) {
        for (AgentEvent event : events) {
          ask(client, event);
        }
      }
      agent.terminate();
      return agent.awaitEnd().output().lines().filter(line -> line.contains("=c-")).toList();
    }
  }

  private AgentProcess serving(Path socket, Path module, List<String> flags) throws IOException {
    List<String> all = new ArrayList<>(List.of("--module", module.toString(), "--timeout", "5s"));
    all.addAll(flags);
    return AgentProcess.serving(directory, socket, all.toArray(String[]::new));
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
