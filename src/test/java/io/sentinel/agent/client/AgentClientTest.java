package io.sentinel.agent.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that stands still: whoever asks it is not to hang. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AgentClientTest {

  private static final int BACKLOG = 1;

  @TempDir private Path folder;

  @Test
  void eventThatNobodyReadsIsGivenUp() throws IOException {
    byte[] event = "\"%s\"".formatted("x".repeat(4 << 20)).getBytes(UTF_8);
    try (ServerSocketChannel _ = listen();
        AgentClient client = AgentClient.connect(folder.resolve("s"), Speech.V1)) {
      assertThrows(
          IOException.class,
          () -> client.ask(EventType.REQUEST_HEADERS, event, Duration.ofMillis(200)));
    }
  }

  @Test
  void agentThatTakesNoConnectionIsGivenUp() throws IOException {
    List<AgentClient> clients = new ArrayList<>();
    try (ServerSocketChannel _ = listen()) {
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < BACKLOG + 10; i++) {
              clients.add(AgentClient.connect(folder.resolve("s"), Speech.V1));
            }
          });
    } finally {
      for (AgentClient client : clients) {
        client.close();
      }
    }
  }

  private ServerSocketChannel listen() throws IOException {
    ServerSocketChannel agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    agent.bind(UnixDomainSocketAddress.of(folder.resolve("s")), BACKLOG);
    return agent;
  }
}
