package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line of the packaged agent: flags, environment, exit codes, messages. */
class CommandLineIT {

  private static final String MODULE = Guests.MINIMAL.toString();

  @TempDir private Path directory;

  @Test
  void helpNamesEveryFlagWithItsVariableAndDefault() throws Exception {
    Ended help = run(Map.of(), "--help");
    assertEquals(0, help.exitCode());
    for (var setting : io.sentinel.agent.config.Setting.values()) {
      assertTrue(help.output().contains(setting.flag()), setting.flag());
      assertTrue(help.output().contains(setting.variable()), setting.variable());
      assertTrue(help.output().contains(setting.defaultText().orElse("required")), setting.flag());
    }
    assertTrue(help.output().contains("send"), help.output());
  }

  @Test
  void versionIsPrinted() throws Exception {
    Ended version = run(Map.of(), "--version");
    assertEquals(0, version.exitCode());
    assertTrue(version.output().matches("sentinel-wasm-agent \\d+\\.\\d+\\.\\d+.*\\R"));
  }

  @Test
  void unknownFlagIsAUsageError() throws Exception {
    Ended ended = run(Map.of(), "--modul", MODULE);
    assertEquals(2, ended.exitCode());
    assertTrue(ended.output().contains("--modul"), ended.output());
  }

  @Test
  void flagWinsOverTheEnvironment() throws Exception {
    Path socket = directory.resolve("flag.sock");
    try (AgentProcess agent =
        AgentProcess.start(
            directory,
            Map.of(
                "AGENT_SOCKET", directory.resolve("variable.sock").toString(),
                "WASM_MODULE", MODULE,
                "WASM_POOL_SIZE", "7",
                "FAIL_OPEN", "yes",
                "WASM_ADMIN_PORT", "0"),
            "--socket",
            socket.toString(),
            "--pool-size",
            "3")) {
      agent.awaitOutput("Serving " + MODULE + " on " + socket + ": pool of 3");
      assertTrue(agent.output().contains("failing open"), agent.output());
    }
  }

  @Test
  void inspectEndsWithZeroOnlyForWhatWouldLoad() throws Exception {
    Ended loads = run(Map.of(), "inspect", MODULE, "--json");
    assertEquals(0, loads.exitCode(), loads.output());
    assertTrue(loads.output().startsWith("{\"loads\":true,"), loads.output());
    assertEquals(1, loads.output().lines().count(), loads.output());
    Ended refused = run(Map.of(), "inspect", Guests.hostile("alloc-missing").toString());
    assertEquals(1, refused.exitCode(), refused.output());
    assertTrue(refused.output().contains("here: refused: it does not export the function alloc"));
    assertComplaint(
        1, "cannot be used: there is no such file", run(Map.of(), "inspect", "no.wasm"));
  }

  @Test
  void decideNeedsNoAgent() throws Exception {
    Ended ended = run(Map.of(), "decide", "examples/rust/policy.wasm", "--uri", "/admin");
    assertEquals(0, ended.exitCode(), ended.output());
    assertTrue(ended.output().startsWith("block 403\n  body: Authorization required\n"));
  }

  @Test
  void secondAgentStartsWithTheReferencesFlagsAlone() throws Exception {
    Path one = directory.resolve("1.sock");
    Path two = directory.resolve("2.sock");
    try (AgentProcess first = withDefaultPort(one);
        AgentProcess second = withDefaultPort(two)) {
      first.awaitOutput("Serving");
      second.awaitOutput("Serving");
      String warning =
          "Serving without health and metrics: the admin port 127.0.0.1:9464 cannot be had";
      // Whoever else holds the default port on this machine, one of the two cannot have it.
      assertTrue(
          first.output().contains(warning) || second.output().contains(warning), second.output());
    }
  }

  @Test
  void adminPortCarriesHealthAndMetricsAndNothingElse() throws Exception {
    int port = AdminHttp.freePort();
    try (AgentProcess agent =
        AgentProcess.start(
            directory,
            Map.of(),
            "--module",
            MODULE,
            "--socket",
            directory.resolve("a.sock").toString(),
            "--admin-port",
            Integer.toString(port))) {
      agent.awaitOutput("Serving");
      assertTrue(AdminHttp.get(port, "/q/health/ready").contains("\"UP\""));
      assertTrue(AdminHttp.get(port, "/q/metrics").contains("sentinel_slots 4.0"));
    }
  }

  private AgentProcess withDefaultPort(Path socket) throws IOException {
    return AgentProcess.start(
        directory, Map.of(), "--module", MODULE, "--socket", socket.toString());
  }

  private Ended run(Map<String, String> environment, String... args) throws Exception {
    return AgentProcess.run(directory, environment, args);
  }

  /** One line, and no stack trace. */
  private static void assertComplaint(int exitCode, String part, Ended ended) {
    assertTrue(ended.output().contains(part), ended.output());
    assertEquals(exitCode, ended.exitCode(), ended.output());
    assertEquals(1, ended.output().lines().count(), ended.output());
    assertTrue(ended.output().startsWith("sentinel-wasm-agent: "), ended.output());
  }
}
