package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged agent serves what its module's file holds, as that changes. */
class ReloadIT {

  private static final List<String> OF_MINIMAL = List.of("minimal");

  @TempDir private Path directory;

  @Test
  void fileThatIsReplacedIsServedOverTheSameConnection() throws Exception {
    Path file = Files.copy(Guests.PUPPET, directory.resolve("policy.wasm"));
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, file);
        AgentClient client = AgentProcess.connect(socket)) {
      assertEquals("echo", served(client));
      Path next = Files.copy(Guests.MINIMAL, directory.resolve("next.wasm"));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      agent.awaitOutput("Serving the new");
      assertEquals("minimal", served(client));
      Files.write(file, Files.readAllBytes(Guests.PUPPET)); // in place, as cp does it
      eventually(() -> count(agent, "Serving the new") == 2);
      assertEquals("echo", served(client));
      assertFalse(agent.output().contains("ERROR"), agent.output());
    }
  }

  /** As the kubelet changes a ConfigMap: the file is a link, and a link above it is replaced. */
  @Test
  void changedConfigMapIsServed() throws Exception {
    Files.copy(Guests.PUPPET, Files.createDirectory(directory.resolve("..1")).resolve("p.wasm"));
    Files.copy(Guests.MINIMAL, Files.createDirectory(directory.resolve("..2")).resolve("p.wasm"));
    Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..1"));
    Path file = Files.createSymbolicLink(directory.resolve("p.wasm"), Path.of("..data", "p.wasm"));
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, file);
        AgentClient client = AgentProcess.connect(socket)) {
      assertEquals("echo", served(client));
      Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2"));
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
      agent.awaitOutput("Serving the new");
      assertEquals("minimal", served(client));
    }
  }

  @Test
  void fileThatCannotBeServedLeavesTheModuleInPlace() throws Exception {
    Path file = Files.copy(Guests.MINIMAL, directory.resolve("policy.wasm"));
    Path socket = directory.resolve("a.sock");
    int port = AdminHttp.freePort();
    try (AgentProcess agent = serving(socket, file, "--admin-port", Integer.toString(port));
        AgentClient client = AgentProcess.connect(socket)) {
      List<String> problems =
          List.of("no WebAssembly module", "cannot be started", "there is no such file");
      Files.writeString(file, "no module");
      eventually(() -> count(agent, "cannot be used") == 1);
      assertEquals("minimal", served(client));
      Files.copy(Guests.hostile("trap-in-start"), file, StandardCopyOption.REPLACE_EXISTING);
      eventually(() -> count(agent, "cannot be used") == 2);
      assertEquals("minimal", served(client));
      Files.delete(file);
      eventually(() -> count(agent, "cannot be used") == 3);
      assertEquals("minimal", served(client));
      assertTrue(agent.output().contains("it is not a WebAssembly module"), agent.output());
      for (String problem : problems.subList(1, 3)) {
        assertTrue(agent.output().contains(problem), agent.output());
      }
      String health = AdminHttp.get(port, "/q/health/ready");
      assertTrue(health.contains("there is no such file"), health);
      assertTrue(health.contains("\"status\": \"UP\""), health);
      String metrics = AdminHttp.get(port, "/q/metrics");
      assertTrue(metrics.contains("sentinel_module_reloads_total{result=\"failed\"} 3.0"), metrics);
      assertTrue(metrics.contains("sentinel_module_stale 1.0"), metrics);

      Files.copy(Guests.PUPPET, file);
      agent.awaitOutput("Serving the new");
      assertEquals("echo", served(client));
      assertFalse(AdminHttp.get(port, "/q/health/ready").contains("reload-problem"));
      String mended = AdminHttp.get(port, "/q/metrics");
      assertTrue(mended.contains("sentinel_module_reloads_total{result=\"served\"} 1.0"), mended);
      assertTrue(mended.contains("sentinel_module_stale 0.0"), mended);
      assertEquals(3, count(agent, "ERROR"), agent.output());
    }
  }

  @Test
  void hangUpLoadsTheFileAtOnceThoughItIsNotWatched() throws Exception {
    assumeFalse(AgentProcess.hangUpIsIgnored(), "the tests run under nohup");
    Path file = Files.copy(Guests.PUPPET, directory.resolve("policy.wasm"));
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = serving(socket, file, "--watch-module=false");
        AgentClient client = AgentProcess.connect(socket)) {
      Files.copy(Guests.MINIMAL, file, StandardCopyOption.REPLACE_EXISTING);
      assertEquals("echo", served(client));
      agent.signal("HUP");
      agent.awaitOutput("Serving the new");
      assertEquals("minimal", served(client));
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode());
    }
  }

  private AgentProcess serving(Path socket, Path module, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("--module", module.toString(), "--timeout", "5s"));
    args.addAll(List.of(more));
    return AgentProcess.serving(directory, socket, args.toArray(String[]::new));
  }

  /** Which of the two modules answers. */
  private static String served(AgentClient client) throws IOException {
    AgentEvent.RequestHeaders event = request("/echo");
    List<String> tags = ask(client, event).reply().audit().tags();
    if (tags.equals(OF_MINIMAL)) {
      return "minimal";
    }
    assertEquals(List.of("echo:" + event.correlationId()), tags);
    return "echo";
  }

  private static int count(AgentProcess agent, String text) {
    return agent.output().split(text, -1).length - 1;
  }
}
