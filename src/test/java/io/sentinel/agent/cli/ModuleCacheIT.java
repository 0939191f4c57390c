package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged agent keeps of the modules it has compiled. */
class ModuleCacheIT {

  private static final String COMPILED = "The module's code is kept in";
  private static final String FOUND = "The module is not compiled";

  @TempDir private Path directory;

  @Test
  void secondStartDoesNotCompile() throws Exception {
    Path caches = Files.createDirectory(directory.resolve("caches"));
    Map<String, String> environment =
        Map.of("WASM_MODULE_CACHE", "auto", "XDG_CACHE_HOME", caches.toString());
    String first = serveAndStop(environment);
    assertTrue(first.contains(COMPILED), first);
    String second = serveAndStop(environment);
    assertTrue(second.contains(FOUND), second);
    assertFalse(second.contains(COMPILED), second);
    try (Stream<Path> entries = Files.list(caches.resolve("sentinel-wasm-agent"))) {
      assertEquals(1, entries.count());
    }
  }

  /** Two modules in turn: what was compiled once is not compiled again. */
  @Test
  void reloadFindsWhatWasCompiledBefore() throws Exception {
    Path file = Files.copy(Guests.MINIMAL, directory.resolve("policy.wasm"));
    Path socket = directory.resolve("a.sock");
    String cache = directory.resolve("cache").toString();
    try (AgentProcess agent =
        AgentProcess.serving(
            directory,
            socket,
            "--module",
            file.toString(),
            "--module-cache",
            cache,
            "--watch-module=true",
            "-v")) {
      for (int reload = 1; reload <= 2; reload++) {
        Path next =
            Files.copy(
                reload == 1 ? Guests.PUPPET : Guests.MINIMAL,
                directory.resolve("next"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        int served = reload;
        eventually(() -> count(agent, "Serving the new") == served);
      }
      assertEquals(2, count(agent, COMPILED), agent.output());
      assertEquals(1, count(agent, FOUND), agent.output());
      try (AgentClient client = AgentProcess.connect(socket)) {
        assertEquals(List.of("minimal"), ask(client, request("/")).reply().audit().tags());
      }
    }
  }

  /** Out of the cache, too, though nothing is compiled then. */
  @Test
  void functionsLeftToTheInterpreterAreWarnedOf() throws Exception {
    Map<String, String> environment =
        Map.of("WASM_MODULE_CACHE", directory.resolve("cache").toString());
    for (String word : List.of(COMPILED, FOUND)) {
      String output =
          serveAndStop(environment, Guests.hostile("function-over-64k-of-bytecode"), "good");
      assertTrue(output.contains(word), output);
      assertEquals(1, output.split("1 of its functions are too large", -1).length - 1, output);
    }
    assertFalse(serveAndStop(environment).contains("too large to be compiled"));
  }

  @Test
  void directoryThatOthersWriteToIsWarnedOfAndDoneWithout() throws Exception {
    Path cache = Files.createDirectory(directory.resolve("modules"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (String setting : List.of(cache.toString(), "auto")) {
      String output =
          serveAndStop(
              Map.of("WASM_MODULE_CACHE", setting, "CACHE_DIRECTORY", directory.toString()));
      assertEquals(1, output.split("Compiled code is not kept", -1).length - 1, output);
      assertTrue(output.contains("WARN"), output);
      assertTrue(output.contains("others may write to it (rwxrwxrwx)"), output);
    }
    try (Stream<Path> entries = Files.list(cache)) {
      assertEquals(0, entries.count());
    }
  }

  /** As in a container whose root is read-only: no place, and no line that would ask for one. */
  @Test
  void withoutAPlaceItServesAllTheSame() throws Exception {
    Path nowhere = Files.writeString(directory.resolve("file"), "").resolve("below");
    Map<String, String> auto =
        Map.of("WASM_MODULE_CACHE", "auto", "XDG_CACHE_HOME", nowhere.toString());
    String output = serveAndStop(auto);
    assertFalse(output.contains("WARN"), output);
    assertEquals(1, output.split("Compiled code is not kept", -1).length - 1, output);
    String given = serveAndStop(Map.of("WASM_MODULE_CACHE", nowhere.toString()));
    assertTrue(given.contains("WARN"), given);
  }

  private String serveAndStop(Map<String, String> environment) throws Exception {
    return serveAndStop(environment, Guests.MINIMAL, "minimal");
  }

  private String serveAndStop(Map<String, String> environment, Path module, String tag)
      throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent =
        AgentProcess.start(
            directory,
            environment,
            "--module",
            module.toString(),
            "--socket",
            socket.toString(),
            "--admin-port",
            "0",
            "-v")) {
      agent.awaitOutput("Serving");
      try (AgentClient client = AgentProcess.connect(socket)) {
        assertEquals(List.of(tag), ask(client, request("/")).reply().audit().tags());
      }
      agent.terminate();
      AgentProcess.Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode());
      return ended.output();
    }
  }

  private static int count(AgentProcess agent, String text) {
    return agent.output().split(text, -1).length - 1;
  }
}
