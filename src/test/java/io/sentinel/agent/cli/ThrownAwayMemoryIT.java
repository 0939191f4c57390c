package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that are thrown away leave their memories behind, on a heap that may become large. */
class ThrownAwayMemoryIT {

  private static final int ROUNDS = 60;

  /** In each round the memory grows to some 12 MiB, which is too much for the young generation. */
  private static final String GROW = "/grow/170";

  private static final Pattern COMMITTED =
      Pattern.compile("jvm_memory_committed_bytes\\{[^}]*id=\"Tenured Gen\"[^}]*} (\\S+)");

  /** Three times what one look a second may leave behind; the garbage is 700 MiB. */
  private static final double MOST_COMMITTED = 192 << 20;

  @TempDir private Path directory;

  @Test
  void heapStaysSmallWhileInstancesAreThrownAway() throws Exception {
    Path socket = directory.resolve("a.sock");
    int port = AdminHttp.freePort();
    try (AgentProcess agent =
            AgentProcess.start(
                directory,
                Map.of("JAVA_OPTS", "-Xmx2g"),
                "--module",
                Guests.PUPPET.toString(),
                "--socket",
                socket.toString(),
                "--admin-port",
                String.valueOf(port),
                "--pool-size",
                "1",
                "--timeout",
                "2s");
        AgentClient client = connect(agent, socket)) {
      for (int i = 0; i < ROUNDS; i++) {
        ask(client, request(GROW));
        ask(client, request("/trap"));
      }
      eventually(() -> committed(port) < MOST_COMMITTED);
      agent.terminate();
      assertEquals(0, agent.awaitEnd().exitCode(), agent.output());
    }
  }

  private static AgentClient connect(AgentProcess agent, Path socket) throws IOException {
    agent.awaitOutput("Serving");
    return AgentProcess.connect(socket);
  }

  private static double committed(int port) {
    Matcher metric = COMMITTED.matcher(AdminHttp.get(port, "/q/metrics"));
    return metric.find() ? Double.parseDouble(metric.group(1)) : Double.NaN;
  }
}
