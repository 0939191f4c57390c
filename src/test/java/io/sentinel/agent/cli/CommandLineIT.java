package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void missingModuleIsAUsageError() throws Exception {
    assertComplaint(2, "--module", run(Map.of(), "--admin-port", "0"));
  }

  @ParameterizedTest
  @CsvSource({
    "--pool-size, 0, integer from 1 to 256",
    "--pool-size, 257, integer from 1 to 256",
    "--pool-size, four, integer from 1 to 256",
    "--timeout, 40, a time from 1ms",
    "--timeout, 0ms, a time from 1ms",
    "--timeout, -1s, a time from 1ms",
    "--load-timeout, 2h, a time from 1ms",
    "--admin-port, 65536, a port from 0 to 65535",
    "--admin-port, http, a port from 0 to 65535"
  })
  void wrongFlagNamesItsValueAndWhatIsAllowed(String flag, String value, String allowed)
      throws Exception {
    Ended ended = run(Map.of(), "--module", MODULE, flag, value);
    assertComplaint(2, flag + " is \"" + value + "\", and must be ", ended);
    assertTrue(ended.output().contains(allowed), ended.output());
  }

  @ParameterizedTest
  @CsvSource({
    "WASM_POOL_SIZE, 0",
    "WASM_TIMEOUT, soon",
    "FAIL_OPEN, maybe",
    "WASM_ADMIN_PORT, 99999",
    "WASM_LOAD_TIMEOUT, 1"
  })
  void wrongVariableIsNamed(String variable, String value) throws Exception {
    Ended ended = run(Map.of(variable, value), "--module", MODULE);
    assertComplaint(2, variable + " is \"" + value + "\", and must be ", ended);
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
  void missingFileIsNamed() throws Exception {
    assertComplaint(1, "no-such.wasm cannot be used: there is no such file", serve("no-such.wasm"));
  }

  @Test
  void otherFilesAreNoModules() throws Exception {
    assertComplaint(1, "is not a WebAssembly module", serve("pom.xml"));
    assertComplaint(1, "is a directory", serve("src"));
    Path empty = Files.createFile(directory.resolve("empty.wasm"));
    assertComplaint(1, "is not a WebAssembly module", serve(empty.toString()));
  }

  @Test
  void fileOverTheLimitIsNotRead() throws Exception {
    Path huge = directory.resolve("huge.wasm");
    try (var file = new java.io.RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 30); // sparse
    }
    assertComplaint(1, "larger than the limit of 32 MiB", serve(huge.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "alloc-missing, does not export the function alloc",
    "memory-export-missing, does not export its memory",
    "handlers-missing, exports neither on_request_headers nor on_response_headers"
  })
  void missingExportIsNamed(String module, String problem) throws Exception {
    assertComplaint(1, problem, serve(Guests.hostile(module).toString()));
  }

  @Test
  void unknownImportIsNamed() throws Exception {
    assertComplaint(1, "env.steal_secrets", serve(Guests.hostile("import-unknown").toString()));
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
  void livingAgentsSocketIsRefused() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess first = AgentProcess.serving(directory, socket, "--module", MODULE)) {
      assertTrue(first.pid() > 0);
      assertComplaint(
          1,
          "a running agent answers there",
          run(Map.of(), "--module", MODULE, "--admin-port", "0", "--socket", socket.toString()));
    }
  }

  @Test
  void takenAdminPortIsAnErrorWhereItWasAskedFor() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Ended ended = run(Map.of(), "--module", MODULE, "--admin-port", port);
      assertComplaint(1, "the admin port 127.0.0.1:" + port + " cannot be had", ended);
      assertTrue(ended.output().contains("--admin-port"), ended.output());
    }
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

  @Test
  void verboseLogsMore() throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = AgentProcess.serving(directory, socket, "--module", MODULE, "-v")) {
      agent.awaitOutput("DEBUG");
    }
    try (AgentProcess agent = AgentProcess.serving(directory, socket, "--module", MODULE)) {
      assertFalse(agent.output().contains("DEBUG"), agent.output());
    }
  }

  private AgentProcess withDefaultPort(Path socket) throws IOException {
    return AgentProcess.start(
        directory, Map.of(), "--module", MODULE, "--socket", socket.toString());
  }

  private Ended serve(String module) throws Exception {
    return run(Map.of(), "--module", module, "--admin-port", "0", "--socket", socket());
  }

  private Ended run(Map<String, String> environment, String... args) throws Exception {
    return AgentProcess.run(directory, environment, args);
  }

  private String socket() {
    return directory.resolve("s.sock").toString();
  }

  /** One line, and no stack trace. */
  private static void assertComplaint(int exitCode, String part, Ended ended) {
    assertTrue(ended.output().contains(part), ended.output());
    assertEquals(exitCode, ended.exitCode(), ended.output());
    assertEquals(1, ended.output().lines().count(), ended.output());
    assertTrue(ended.output().startsWith("sentinel-wasm-agent: "), ended.output());
  }
}
