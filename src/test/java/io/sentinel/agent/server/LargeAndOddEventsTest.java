package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.Vectors;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.wire.EventWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/** Events at the limits of what a frame may hold, and such as only odd peers send. */
class LargeAndOddEventsTest {

  private static final int REQUEST_COMPLETE = 0x14;
  private static final int MOST_BYTES = 16 << 20;
  private static final byte[] BOM = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private TestAgent agent;

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void largestFrameOfVersion2IsAnswered() throws IOException {
    start();
    String event =
        "{\"correlation_id\":\"c-1\",\"status\":200,\"duration_ms\":1,\"request_body_size\":0,"
            + "\"response_body_size\":0,\"upstream_attempts\":1,\"error\":\"%s\"}";
    String error = "e".repeat(MOST_BYTES - 1 - event.length() + 2);
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      byte[] frame = Peer2.frame(REQUEST_COMPLETE, event.formatted(error).getBytes(US_ASCII));
      assertEquals(MOST_BYTES, ByteBuffer.wrap(frame).getInt());
      peer.raw().write(frame);
      assertEquals("c-1", peer.read().correlationId());
    }
    assertEquals(0, agent.dropped(DropReason.MALFORMED));
  }

  /** Its length is enough: nothing of it is waited for. */
  @Test
  void frameOfVersion2OverTheLimitIsRejected() throws IOException {
    start();
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.raw().write(ByteBuffer.allocate(4).putInt(MOST_BYTES + 1).array());
      assertEquals(0, peer.raw().readToEnd().length);
    }
    assertEquals(1, agent.dropped(DropReason.MALFORMED));
  }

  @Test
  void version1WithAByteOrderMarkIsRejected() throws IOException {
    start();
    byte[] recorded = Vectors.frame("v1", "request-headers-plain");
    byte[] marked = new byte[recorded.length + BOM.length];
    ByteBuffer.wrap(marked)
        .putInt(marked.length - 4)
        .put(BOM)
        .put(recorded, 4, recorded.length - 4);
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(marked);
      assertEquals(0, peer.readToEnd().length);
    }
    assertEquals(1, agent.dropped(DropReason.MALFORMED));
  }

  @Test
  void version2WithAByteOrderMarkIsRejected() throws IOException {
    start();
    ByteArrayOutputStream marked = new ByteArrayOutputStream();
    marked.writeBytes(BOM);
    marked.writeBytes(EventWriter.write(request("c-1", "/echo", new String[0])));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.raw().write(Peer2.frame(Peer2.REQUEST_HEADERS, marked.toByteArray()));
      assertEquals("bad-event", peer.read().reason());
    }
  }

  @Test
  void tenThousandHeadersReachTheModule() throws IOException {
    start();
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      headers.add(new Header("x-header-" + i, List.of("value " + i)));
    }
    assertEchoed(
        new AgentEvent.RequestHeaders(
            "c-1", "GET", "/echo", "192.0.2.7", Optional.empty(), headers));
  }

  @Test
  void addressOfAMebibyteReachesTheModule() throws IOException {
    start();
    assertEchoed(request("c-1", "/echo?" + "q".repeat(1 << 20), new String[0]));
  }

  /** The cancellation is JSON, whatever the events are. */
  @Test
  void eventInMessagePackIsCancelled() throws IOException {
    start();
    ObjectMapper msgpack = new MessagePackMapper();
    try (Peer2 peer = Peer2.connect(agent.socket())) {
      peer.send(
          Peer2.HANDSHAKE, "{\"supported_versions\":[2],\"supported_encodings\":[\"msgpack\"]}");
      assertEquals("msgpack", peer.read().json().get("encoding").asText());
      peer.raw().write(msgpackEvent(msgpack, "c-1", "/loop"));
      eventually(() -> agent.pool().state().busy() == 1);
      peer.cancel("c-1");
      peer.raw().write(msgpackEvent(msgpack, "c-2", "/echo"));
      byte[] answer = peer.raw().readFrame();
      assertEquals(Peer2.AGENT_RESPONSE, answer[0]);
      JsonNode reply = msgpack.readTree(Arrays.copyOfRange(answer, 1, answer.length));
      assertEquals("c-2", reply.at("/audit/custom/correlation_id").asText());
      assertEquals(1, agent.cancelledEvents());
    }
  }

  private static byte[] msgpackEvent(ObjectMapper msgpack, String id, String uri)
      throws IOException {
    JsonNode event =
        new ObjectMapper().readTree(EventWriter.write(request(id, uri, new String[0])));
    return Peer2.frame(Peer2.REQUEST_HEADERS, msgpack.writeValueAsBytes(event));
  }

  /** It has not become a call by then. */
  @Test
  void eventThatIsReadTogetherWithItsCancellationIsCancelled() throws IOException {
    start();
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    together.writeBytes(frame(request("c-1", "/loop", new String[0])));
    together.writeBytes(
        Peer2.frame(
            Peer2.CANCEL,
            "{\"correlation_id\":\"c-1\",\"reason\":1,\"timestamp_ms\":1}".getBytes(UTF_8)));
    together.writeBytes(frame(request("c-2", "/echo", new String[0])));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.raw().write(together.toByteArray());
      assertEquals("c-2", peer.read().correlationId());
      assertEquals(1, agent.cancelledEvents());
    }
  }

  private void start() {
    agent =
        TestAgent.start(
            TestAgent.Options.of(Guests.compiled(Guests.PUPPET))
                .poolSize(1)
                .timeout(Duration.ofSeconds(15)));
  }

  private void assertEchoed(AgentEvent event) throws IOException {
    try (AgentClient client = agent.connect()) {
      List<String> tags = ask(client, event).reply().audit().tags();
      assertTrue(tags.contains("echo:c-1"), tags.toString());
    }
  }

  private static byte[] frame(AgentEvent.RequestHeaders event) {
    return Peer2.frame(Peer2.REQUEST_HEADERS, EventWriter.write(event));
  }
}
