package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Events;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged agent when its slots' threads do not come back. No module is known that does that:
 * here a debugger holds the threads.
 */
class StuckThreadsIT {

  private static final Pattern DEBUG_PORT =
      Pattern.compile("Listening for transport dt_socket at address: ([0-9]+)");

  @TempDir private Path directory;

  @Test
  void processEndsWith70WhenMoreThreadsAreStuckThanTwiceThePool() throws Exception {
    Path socket = directory.resolve("a.sock");
    int port = AdminHttp.freePort();
    try (AgentProcess agent =
        AgentProcess.start(
            directory,
            Map.of(
                "JAVA_OPTS",
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0"),
            "--socket",
            socket.toString(),
            "--admin-port",
            Integer.toString(port),
            "--module",
            Guests.PUPPET.toString(),
            "--pool-size",
            "1",
            "--timeout",
            "2s")) {
      agent.awaitOutput("Serving");
      VirtualMachine debugged = attach(agent.output());
      for (int out = 1; out <= 3; out++) {
        eventually(() -> AdminHttp.get(port, "/q/metrics").contains("sentinel_slots_ready 1.0"));
        assertEquals("timeout", reasonOfALoopThatIsHeld(socket, port, debugged));
        agent.awaitOutput("was given up (%d are out)".formatted(out));
      }
      Ended ended = agent.awaitEnd();
      assertEquals(70, ended.exitCode(), ended.output());
      assertTrue(ended.output().contains("a new process is needed"), ended.output());
    }
  }

  /** The answer comes at its deadline, whatever becomes of the thread. */
  private static String reasonOfALoopThatIsHeld(Path socket, int port, VirtualMachine debugged)
      throws Exception {
    try (AgentClient client = AgentProcess.connect(socket)) {
      var answer = Events.inBackground(() -> reason(client));
      eventually(() -> AdminHttp.get(port, "/q/metrics").contains("sentinel_slots_busy 1.0"));
      slots(debugged).stream()
          .filter(slot -> !slot.isSuspended())
          .forEach(ThreadReference::suspend);
      return answer.get();
    }
  }

  private static String reason(AgentClient client) {
    try {
      return Events.ask(client, request("/loop")).reply().audit().reasonCodes().getFirst();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<ThreadReference> slots(VirtualMachine debugged) {
    return debugged.allThreads().stream()
        .filter(thread -> thread.name().startsWith("wasm-slot-"))
        .toList();
  }

  private static VirtualMachine attach(String output) throws Exception {
    Matcher port = DEBUG_PORT.matcher(output);
    assertTrue(port.find(), output);
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(c -> c.name().equals("com.sun.jdi.SocketAttach"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(port.group(1));
    return connector.attach(arguments);
  }
}
