package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Said;
import io.sentinel.agent.Guests;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A start that fails says why on standard error before it ends, each time, also into a pipe. */
@Timeout(value = 1, unit = TimeUnit.HOURS) // with many turns
class FailedStartIT {

  /** A few at each build; -Dfailing.starts=20 for a real trial. */
  private static final int TURNS = Integer.getInteger("failing.starts", 1);

  /** What was not foreseen came too late for the log in half of all starts. */
  private static final int UNFORESEEN_TURNS = 3 * TURNS;

  private static final String MODULE = Guests.MINIMAL.toString();

  /** Nothing can be made below a file. */
  private static final String NO_CACHE = "-Dvertx.cacheDirBase=/dev/null/cache";

  @TempDir private Path directory;

  @Test
  void missingModuleIsAUsageError() throws Exception {
    assertComplaint(2, "--module", Map.of(), "--admin-port", "0");
  }

  @Test
  void wrongFlagIsNamed() throws Exception {
    assertComplaint(
        2,
        "--pool-size is \"four\", and must be an integer from 1 to 256",
        Map.of(),
        "--module",
        MODULE,
        "--pool-size",
        "four");
  }

  @Test
  void wrongVariableIsNamed() throws Exception {
    assertComplaint(
        2,
        "FAIL_OPEN is \"maybe\", and must be ",
        Map.of("FAIL_OPEN", "maybe"),
        "--module",
        MODULE);
  }

  @ParameterizedTest
  @CsvSource({
    "no-such.wasm, no-such.wasm cannot be used: there is no such file",
    "pom.xml, is not a WebAssembly module",
    "src, is a directory",
    "src/test/resources/hostile/alloc-missing.wasm, does not export the function alloc",
    "src/test/resources/hostile/import-unknown.wasm, env.steal_secrets",
    "src/test/resources/hostile/trap-in-start.wasm, cannot be started"
  })
  void moduleThatCannotBeUsedIsNamed(String module, String problem) throws Exception {
    assertComplaint(1, problem, Map.of(), serving(module));
  }

  @Test
  void fileOverTheLimitIsNotRead() throws Exception {
    Path huge = directory.resolve("huge.wasm");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 30); // sparse
    }
    assertComplaint(1, "larger than the limit of 32 MiB", Map.of(), serving(huge.toString()));
  }

  @Test
  void livingAgentsSocketIsRefused() throws Exception {
    try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      living.bind(UnixDomainSocketAddress.of(socket()));
      assertComplaint(1, "a running agent answers there", Map.of(), serving(MODULE));
      assertTrue(Files.exists(socket()));
    }
  }

  @Test
  void takenAdminPortIsAnErrorWhereItWasAskedFor() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertComplaint(
          1,
          "the admin port 127.0.0.1:" + port + " cannot be had",
          Map.of(),
          "--module",
          MODULE,
          "--socket",
          socket().toString(),
          "--admin-port",
          port);
    }
  }

  /** As where another user has made the directory that Vert.x keeps its files in. */
  @Test
  void whatWasNotForeseenIsSaidWithWhereItHappened() throws Exception {
    for (int turn = 0; turn < UNFORESEEN_TURNS; turn++) {
      Said said = AgentProcess.runThroughPipes(Map.of("JAVA_OPTS", NO_CACHE), serving(MODULE));
      assertEquals(1, said.exitCode(), said.errors());
      assertTrue(
          said.errors().startsWith("sentinel-wasm-agent: it cannot go on: "), said.toString());
      assertTrue(said.errors().lines().findFirst().orElse("").contains("cache"), said.errors());
      assertTrue(said.errors().contains("\tat "), said.errors());
    }
  }

  /** Quarkus catches no Errors: an initializer's is one. */
  @Test
  void errorIsSaidToo() throws Exception {
    Said said =
        AgentProcess.runThroughPipes(
            Map.of("JAVA_OPTS", "-Dsmallrye.config.locations=file:/dev/null/x.properties"),
            serving(MODULE));
    assertEquals(1, said.exitCode(), said.toString());
    assertTrue(said.errors().startsWith("sentinel-wasm-agent: it cannot go on: "), said.toString());
    assertTrue(said.errors().contains("ExceptionInInitializerError"), said.errors());
  }

  private String[] serving(String module) {
    return new String[] {"--module", module, "--admin-port", "0", "--socket", socket().toString()};
  }

  private Path socket() {
    return directory.resolve("s.sock");
  }

  /** One line on standard error, no stack trace, and nothing on standard output. */
  private static void assertComplaint(
      int exitCode, String part, Map<String, String> environment, String... args) throws Exception {
    for (int turn = 0; turn < TURNS; turn++) {
      Said said = AgentProcess.runThroughPipes(environment, args);
      assertTrue(said.errors().contains(part), said.toString());
      assertEquals(exitCode, said.exitCode(), said.toString());
      assertEquals(1, said.errors().lines().count(), said.errors());
      assertTrue(said.errors().startsWith("sentinel-wasm-agent: "), said.errors());
      assertEquals("", said.output());
    }
  }
}
