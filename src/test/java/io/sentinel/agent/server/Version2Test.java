package io.sentinel.agent.server;

import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.Vectors;
import io.sentinel.agent.message.AgentFailure.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/** Version 2 on the real socket: handshake, answers in parallel, cancel, ping, reports. */
class Version2Test {

  private TestAgent agent;

  @AfterEach
  void stop() {
    agent.close();
  }

  @ParameterizedTest
  @CsvSource({"v2-json, json", "v2-msgpack, msgpack", "v2-msgpack-0.6.20, msgpack"})
  void everyRecordedEventIsAnsweredUnderItsId(String folder, String encoding) throws IOException {
    start(options());
    ObjectMapper mapper = encoding.equals("json") ? new ObjectMapper() : new MessagePackMapper();
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(
          Peer2.frame(
              Peer2.HANDSHAKE,
              "{\"supported_versions\":[2],\"supported_encodings\":[\"x\",\"%s\",\"json\"]}"
                  .formatted(encoding)
                  .getBytes(UTF_8)));
      assertTrue(new String(peer.readFrame(), UTF_8).contains("\"encoding\":\"" + encoding + "\""));
      for (String name : Vectors.names(folder)) {
        byte[] frame = Vectors.frame(folder, name);
        if (frame[4] < 0x10 || frame[4] >= 0x20) {
          continue; // handshake, ping and cancel
        }
        peer.write(frame);
        byte[] answer = peer.readFrame();
        assertEquals(Peer2.AGENT_RESPONSE, answer[0], name);
        JsonNode reply = mapper.readTree(answer, 1, answer.length - 1);
        assertEquals(2, reply.get("version").asInt(), name);
        assertEquals("allow", reply.get("decision").asText(), name);
        String id = reply.at("/audit/custom/correlation_id").asText();
        assertTrue(new String(frame, UTF_8).contains(id) && id.startsWith("c-"), name + ": " + id);
        assertEquals(
            name.equals("websocket-frame") ? "allow" : "null",
            reply.get("websocket_decision").asText(),
            name);
      }
    }
  }

  @Test
  void recordedHandshakeIsAnsweredWithWhatIsTrue() throws IOException {
    start(options());
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(Vectors.frame("v2-json", "handshake-request"));
      byte[] answer = peer.readFrame();
      JsonNode json = new ObjectMapper().readTree(answer, 1, answer.length - 1);
      assertEquals(
          new ObjectMapper()
              .readTree(
                  """
                  {"protocol_version":2,"success":true,"error":null,"encoding":"msgpack",
                   "capabilities":{"agent_id":"sentinel-wasm-agent",
                    "name":"sentinel-wasm-agent","version":"test","supported_events":[1,3],
                    "features":{"streaming_body":false,"websocket":false,"guardrails":false,
                     "config_push":true,"metrics_export":false,"concurrent_requests":256,
                     "cancellation":true,"flow_control":true,"health_reporting":false},
                    "limits":{"max_body_size":0,"max_concurrency":256,
                     "preferred_chunk_size":0}}}"""),
          json);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"supported_versions\":[]}",
        "{\"supported_versions\":[1]}",
        "{\"supported_versions\":[99,3]}",
        "{\"supported_versions\":7}",
        "{\"supported_versions\":[\"2\"]}",
        "{\"supported_versions\":[2.5]}",
        "{\"supported_versions\":[[2]]}",
        "{\"supported_versions\":{}}",
        "{\"supported_versions\":[2",
        "{\"supported_versions\":[2]} {}",
        "{\"supported_versions\":[2],\"supported_encodings\":\"json\"}",
        "{\"supported_versions\":[2],\"supported_encodings\":{}}",
        "{\"supported_versions\":[2],\"supported_encodings\":[[\"json\"]]}",
        "{\"supported_versions\":[2],\"supported_encodings\":[7]}",
        "{\"supported_versions\":[2],\"proxy_id\":\"\\ud800\"}",
        "{}",
        "[]",
        "not-json!!",
        ""
      })
  void handshakeWithoutVersion2IsRefusedAndClosed(String request) throws IOException {
    start(options());
    try (Peer2 peer = Peer2.connect(agent.socket())) {
      peer.send(Peer2.HANDSHAKE, request);
      JsonNode answer = peer.read().json();
      assertFalse(answer.get("success").asBoolean());
      assertFalse(answer.get("error").asText().isEmpty());
      assertEquals(0, peer.raw().readToEnd().length);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"supported_versions\":[2]}",
        "{\"supported_versions\":[1,2,3],\"supported_encodings\":[]}",
        "{\"supported_versions\":[2],\"supported_encodings\":null}",
        "{\"supported_versions\":[2],\"supported_encodings\":[\"cbor\"]}"
      })
  void encodingIsJsonWhereNothingElseIsAgreedUpon(String request) throws IOException {
    start(options());
    try (Peer2 peer = Peer2.connect(agent.socket())) {
      peer.send(Peer2.HANDSHAKE, request);
      assertEquals("json", peer.read().json().get("encoding").asText());
    }
  }

  @Test
  void eventBeforeTheHandshakeClosesTheConnection() throws IOException {
    start(options());
    try (Peer2 peer = Peer2.connect(agent.socket())) {
      // The first byte of a connection tells the version, and this one is of none.
      peer.ask(request("/"));
      assertEquals(0, peer.raw().readToEnd().length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x03, 0x18, 0x7f, 0xff})
  void unknownTypeClosesTheConnection(int type) throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.send(type, "{}");
      assertEquals(0, peer.raw().readToEnd().length);
    }
    assertEquals(1, agent.dropped(DropReason.MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x01, 0x02, 0x20, 0x30, 0x31, 0x32, 0x33, 0x42})
  void whatAsksForNothingIsPassedOver(int type) throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.send(type, "{\"supported_versions\":[1]}");
      peer.ask(request("c-1", "/", new String[0]));
      assertEquals("c-1", peer.read().correlationId());
    }
    assertEquals(1, agent.ignoredMessages());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"correlation_id\":\"c-7\",\"method\":1}| c-7",
        "{\"metadata\":{\"correlation_id\":\"c-8\"}}| c-8",
        "{\"correlation_id\":\"c-9\",| c-9",
        "{\"correlation_id\":\"c-9\",\"a\":1,\"a\":2}| c-9",
        "not json at all| ''",
        "''| ''"
      })
  void badEventIsBlockedUnderWhateverIdItHas(String payload, String id) throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.send(Peer2.REQUEST_HEADERS, payload);
      Peer2.Message answer = peer.read();
      assertEquals(id, answer.correlationId());
      assertEquals("bad-event", answer.reason());
      assertEquals(500, answer.json().at("/decision/block/status").asInt());
      peer.ask(request("c-1", "/", new String[0]));
      assertEquals("c-1", peer.read().correlationId());
    }
  }

  @Test
  void badWebsocketFrameClosesTheWebsocket() throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.send(0x15, "{\"correlation_id\":\"c-1\"}");
      assertEquals(1011, peer.read().json().at("/websocket_decision/close/code").asInt());
    }
  }

  @Test
  void quickEventsOvertakeASlowOneOfTheirConnection() throws IOException {
    start(options().poolSize(2));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("slow", "/loop", new String[0]));
      for (int i = 0; i < 100; i++) {
        peer.ask(request("c-" + i, "/echo", new String[0]));
      }
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        ids.add(peer.read().correlationId());
      }
      assertEquals(100, ids.size());
      assertFalse(ids.contains("slow"));
      Peer2.Message last = peer.read();
      assertEquals("slow", last.correlationId());
      assertEquals("timeout", last.reason());
    }
  }

  /** While others wait, the event loop is not woken for each answer. */
  @Test
  void answersAreNotHeldBackBehindASlowCall() throws IOException {
    start(options().poolSize(1).timeout(Duration.ofSeconds(30)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("first", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      for (String id : List.of("c-0", "c-1", "c-2")) {
        peer.ask(request(id, "/echo", new String[0]));
      }
      peer.ask(request("slow", "/loop", new String[0]));
      for (int i = 0; i < 8; i++) {
        peer.ask(request("behind-" + i, "/echo", new String[0]));
      }
      eventually(() -> agent.pool().waiting() == 12);
      peer.cancel("first");
      for (String id : List.of("c-0", "c-1", "c-2")) {
        assertEquals(id, peer.read().correlationId());
      }
      // The slow one runs, and ends when it is told to: what came before it is read already.
      eventually(() -> agent.pool().waiting() == 8);
      peer.cancel("slow");
      for (int i = 0; i < 8; i++) {
        assertEquals("behind-" + i, peer.read().correlationId());
      }
    }
  }

  @Test
  void pingIsEchoedByteForByteWhileCallsRun() throws IOException {
    start(options().poolSize(1));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("slow", "/loop", new String[0]));
      byte[] odd = "{ \"sequence\" : 7 ,\"x\":\"\\u017c\"}".getBytes(UTF_8);
      peer.raw().write(Peer2.frame(Peer2.PING, odd));
      Peer2.Message pong = peer.read();
      assertEquals(Peer2.PONG, pong.type());
      assertArrayEquals(odd, pong.payload());
      byte[] recorded = Vectors.frame("v2-json", "ping");
      peer.raw().write(recorded);
      assertArrayEquals(Arrays.copyOfRange(recorded, 5, recorded.length), peer.read().payload());
    }
  }

  @Test
  void hugePingClosesTheConnection() throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.send(Peer2.PING, "x".repeat(65_537));
      assertEquals(0, peer.raw().readToEnd().length);
    }
  }

  @Test
  void cancelStopsTheCallAndFreesItsSlot() throws IOException {
    start(options().poolSize(1).timeout(Duration.ofSeconds(30)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("c-1", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      peer.cancel("c-1");
      peer.ask(request("c-2", "/echo", new String[0]));
      assertEquals("c-2", peer.read().correlationId());
      assertEquals(1, agent.cancelledEvents());
      eventually(() -> agent.discarded(Code.CANCELLED) == 1);
    }
  }

  @Test
  void cancelTakesAWaitingEventOutOfTheQueue() throws IOException {
    start(options().poolSize(1).timeout(Duration.ofSeconds(30)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("c-1", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      peer.ask(request("c-2", "/echo", new String[0]));
      eventually(() -> agent.pool().waiting() == 1);
      peer.cancel("c-2");
      eventually(() -> agent.pool().waiting() == 0);
      peer.cancel("c-1");
      peer.ask(request("c-3", "/echo", new String[0]));
      assertEquals("c-3", peer.read().correlationId());
    }
  }

  @Test
  void lateAndUnknownCancelsAreIgnored() throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.cancel("unheard-of");
      peer.send(Peer2.CANCEL, "nonsense");
      peer.ask(request("c-1", "/", new String[0]));
      peer.read();
      peer.cancel("c-1");
      peer.ask(request("c-2", "/", new String[0]));
      assertEquals("c-2", peer.read().correlationId());
      assertEquals(0, agent.cancelledEvents());
    }
  }

  @Test
  void sameIdTwiceIsAnsweredTwice() throws IOException {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      for (int i = 0; i < 10; i++) {
        peer.ask(request("same", "/echo", new String[0]));
      }
      for (int i = 0; i < 10; i++) {
        assertEquals("same", peer.read().correlationId());
      }
    }
  }

  @Test
  void longAndOddIdsAreEchoedWhole() throws IOException {
    start(options());
    String id = "ż\u0001\"\\".repeat(1_000);
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request(id, "/", new String[0]));
      assertEquals(id, peer.read().correlationId());
    }
  }

  @Test
  void noMoreEventsAreReadThanMayBeUnderWay() throws Exception {
    start(options().poolSize(1).timeout(Duration.ofSeconds(30)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("slow", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      CompletableFuture<Void> asking =
          inBackground(
              () -> {
                try {
                  for (int i = 0; i < 2_000; i++) {
                    peer.ask(request("c-" + i, "/echo", new String[0]));
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      eventually(() -> agent.pool().waiting() == 255);
      Thread.sleep(100); // were there more to come, they would
      assertEquals(255, agent.pool().waiting());
      try (Peer2 other = Peer2.greet(agent.socket())) {
        other.ask(request("other", "/echo", new String[0]));
        eventually(() -> agent.pool().waiting() == 256);
        agent.pool().resize(2);
        assertEquals("other", other.read().correlationId());
        assertEquals(0, agent.discarded(Code.TIMEOUT), "the loop goes on meanwhile");
      }
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 2_000; i++) {
        ids.add(peer.read().correlationId());
      }
      assertEquals(2_000, ids.size());
      asking.get();
      peer.cancel("slow");
    }
  }

  @Test
  void healthAndMetricsAreReportedInTheAgreedEncoding() throws IOException {
    start(options().reportInterval(Duration.ofMillis(100)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      JsonNode health = peer.read(Peer2.HEALTH_STATUS).json();
      assertEquals("sentinel-wasm-agent", health.get("agent_id").asText());
      assertEquals(1, health.get("state").asInt());
      JsonNode metrics = peer.read(Peer2.METRICS_REPORT).json();
      assertEquals(100, metrics.get("interval_ms").asInt());
      assertTrue(metrics.get("counters").isArray());
    }
  }

  @Test
  void fullQueueAsksForAPauseAndAnEmptyOneToResume() throws IOException {
    start(options().poolSize(1).queueCapacity(8).timeout(Duration.ofSeconds(30)));
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("slow", "/loop", new String[0]));
      eventually(() -> agent.pool().state().busy() == 1);
      for (int i = 0; i < 8; i++) {
        peer.ask(request("c-" + i, "/echo", new String[0]));
      }
      eventually(() -> agent.pool().waiting() == 8);
      peer.ask(request("one-too-many", "/echo", new String[0]));
      assertEquals(1, peer.read(Peer2.FLOW_CONTROL).json().get("action").asInt());
      peer.cancel("slow");
      assertEquals(2, peer.read(Peer2.FLOW_CONTROL).json().get("action").asInt());
    }
  }

  @Test
  void stoppingIsAnnouncedBeforeTheConnectionEnds() throws Exception {
    start(options());
    try (Peer2 peer = Peer2.greet(agent.socket())) {
      peer.ask(request("c-1", "/spin/1000000", new String[0]));
      CompletableFuture<Void> stopped = inBackground(agent::stopListening);
      // The answer may be quicker than the announcement.
      Map<Integer, Peer2.Message> last = new HashMap<>();
      for (byte[] frame : RawPeer.frames(peer.raw().readToEnd())) {
        last.put((int) frame[0], Peer2.message(frame));
      }
      assertEquals(Set.of(Peer2.HEALTH_STATUS, Peer2.AGENT_RESPONSE), last.keySet());
      assertEquals(3, last.get(Peer2.HEALTH_STATUS).json().get("state").asInt());
      assertEquals("c-1", last.get(Peer2.AGENT_RESPONSE).correlationId());
      stopped.get();
    }
  }

  @Test
  void peerThatDoesNotReadDisturbsNobody() throws Exception {
    start(options());
    try (Peer2 silent = Peer2.greet(agent.socket());
        Peer2 other = Peer2.greet(agent.socket())) {
      CompletableFuture<Void> asking =
          inBackground(
              () -> {
                try {
                  for (int i = 0; i < 100_000; i++) {
                    silent.ask(
                        request("c-" + i, "/echo", new String[] {"x-filler", "f".repeat(500)}));
                  }
                } catch (IOException e) {
                  // the test is over
                }
              });
      for (int i = 0; i < 1_000; i++) {
        other.ask(request("o-" + i, "/echo", new String[0]));
        assertEquals("o-" + i, other.read().correlationId());
      }
      assertFalse(asking.isDone(), "everything was read from a peer that reads nothing");
    }
  }

  private static TestAgent.Options options() {
    return TestAgent.Options.of(Guests.compiled(Guests.PUPPET));
  }

  private void start(TestAgent.Options options) {
    agent = TestAgent.start(options);
  }
}
