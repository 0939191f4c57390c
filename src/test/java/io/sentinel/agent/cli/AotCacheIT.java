package io.sentinel.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's ahead-of-time cache is made, used, and done without. */
class AotCacheIT {

  private static final Path CACHE = Path.of("target/quarkus-app/agent.aot");

  @TempDir Path directory;

  /** The other tests are to find what they would without this one. */
  @AfterEach
  void remove() throws IOException {
    Files.deleteIfExists(CACHE);
  }

  private AgentProcess.Ended version(String options) throws IOException, InterruptedException {
    return AgentProcess.run(directory, Map.of("JAVA_OPTS", options), "--version");
  }

  @Test
  void cacheIsMadeAndUsed() throws Exception {
    Path log = directory.resolve("log");
    Process making =
        new ProcessBuilder("bin/aot-cache")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(making.waitFor(120, TimeUnit.SECONDS), "it goes on");
    assertEquals("", Files.readString(log));
    assertEquals(0, making.exitValue());
    String said = version("-Xlog:aot=info").output();
    assertTrue(said.contains("Using AOT-linked classes: true"), said);
    try (AgentProcess agent =
        AgentProcess.serving(
            directory, directory.resolve("agent.sock"), "--module", Guests.MINIMAL.toString())) {
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode());
    }
  }

  @Test
  void cacheThatDoesNotFitIsDoneWithoutInSilence() throws Exception {
    Files.writeString(CACHE, "no cache");
    AgentProcess.Ended ended = version("");
    assertTrue(ended.output().matches("sentinel-wasm-agent \\S+\\R"), ended.output());
    assertEquals(0, ended.exitCode());
  }
}
