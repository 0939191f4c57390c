package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.AgentProcess;
import io.sentinel.agent.AgentProcess.Ended;
import io.sentinel.agent.Guests;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged agent where Netty's epoll cannot be loaded, as on other platforms. */
class TransportIT {

  private static final Map<String, String> WITHOUT_EPOLL =
      Map.of("JAVA_OPTS", "-Dio.netty.transport.noNative=true");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"auto", "nio"})
  void servesByTheChannelsOfTheJdk(String transport) throws Exception {
    Path socket = directory.resolve("a.sock");
    try (AgentProcess agent = start(socket, transport)) {
      agent.awaitOutput("Serving");
      assertEquals(
          transport.equals("auto"), agent.output().contains("epoll is not to be had here"));
      try (AgentClient client = AgentProcess.connect(socket)) {
        assertEquals(Decision.allow(), ask(client, request("/")).reply().decision());
      }
      agent.terminate();
      Ended ended = agent.awaitEnd();
      assertEquals(0, ended.exitCode(), ended.output());
      assertFalse(ended.output().contains("WARN"), ended.output());
      assertFalse(Files.exists(socket));
    }
  }

  @Test
  void epollThatWasAskedForIsMissed() throws Exception {
    try (AgentProcess agent = start(directory.resolve("a.sock"), "epoll")) {
      Ended ended = agent.awaitEnd();
      assertEquals(1, ended.exitCode(), ended.output());
      assertTrue(
          ended.output().contains("the transport epoll is not to be had here: use nio, or auto"),
          ended.output());
    }
  }

  private AgentProcess start(Path socket, String transport) throws Exception {
    return AgentProcess.start(
        directory,
        WITHOUT_EPOLL,
        "--module",
        Guests.MINIMAL.toString(),
        "--socket",
        socket.toString(),
        "--admin-port",
        "0",
        "--timeout",
        "5s",
        "--transport",
        transport);
  }
}
