package io.sentinel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's ahead-of-time cache is made, used, and done without. */
class AotCacheIT {

  private static final Path APP = Path.of("target/quarkus-app").toAbsolutePath();
  private static final Path LOG = Path.of("target/aot-cache.log");

  @TempDir private Path directory;

  /** The build has made it for all tests of its kind: it fails where bin/aot-cache does. */
  @Test
  void cacheIsMadeWithoutAWordAndUsed() throws Exception {
    assertEquals("", Files.readString(LOG));
    AgentProcess.Ended version =
        AgentProcess.run(directory, Map.of("JAVA_OPTS", "-Xlog:aot=info"), "--version");
    assertTrue(version.output().contains("Using AOT-linked classes: true"), version.output());
    try (AgentProcess agent =
        AgentProcess.serving(
            directory, directory.resolve("agent.sock"), "--module", Guests.MINIMAL.toString())) {
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode());
    }
  }

  @Test
  void cacheThatDoesNotFitIsDoneWithoutInSilence() throws Exception {
    Path launcher = unpacked();
    Files.writeString(directory.resolve("lib/agent.aot"), "no cache");
    Process process =
        new ProcessBuilder(launcher.toString(), "--version").redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(said.matches("sentinel-wasm-agent \\S+\\R"), said);
    assertEquals(0, process.waitFor());
    removeLinks();
  }

  /** The agent as the release has it, in a place of its own: others use the cache meanwhile. */
  private Path unpacked() throws IOException {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    for (String script : List.of("sentinel-wasm-agent", "find-jdk")) {
      Files.copy(Path.of("bin").resolve(script), bin.resolve(script));
    }
    Path lib = Files.createDirectory(directory.resolve("lib"));
    try (Stream<Path> files = Files.list(APP)) {
      for (Path file : files.filter(f -> !f.endsWith("agent.aot")).toList()) {
        Files.createSymbolicLink(lib.resolve(file.getFileName()), file);
      }
    }
    return bin.resolve("sentinel-wasm-agent");
  }

  private void removeLinks() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("lib"))) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }
}
