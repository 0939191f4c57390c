package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.inBackground;
import static io.sentinel.agent.Events.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.Vectors;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.ProxyCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What connections do, good and bad, on the real socket, by whichever transport. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
class ConnectionTest {

  @Parameter private SocketTransport transport;

  private TestAgent agent;

  @BeforeEach
  void start() {
    agent =
        TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)).transport(transport));
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void everyRecordedFrameOfVersion1IsAnswered() throws IOException {
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      for (String name : Vectors.names("v1")) {
        peer.write(Vectors.frame("v1", name));
        String answer = new String(peer.readFrame(), UTF_8);
        assertTrue(answer.startsWith("{\"version\":1,\"decision\":\"allow\""), name + answer);
      }
    }
  }

  @Test
  void frameCutAtEveryByteIsAnsweredAlike() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-rich");
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(frame);
      byte[] whole = peer.readFrame();
      for (int cut = 1; cut < frame.length; cut++) {
        peer.write(Arrays.copyOfRange(frame, 0, cut));
        peer.write(Arrays.copyOfRange(frame, cut, frame.length));
        assertArrayEquals(whole, peer.readFrame(), "cut at " + cut);
      }
    }
  }

  @Test
  void framesWrittenAtOnceAreAnsweredInTheirOrder() throws IOException {
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(echoes(200));
      for (int i = 0; i < 200; i++) {
        assertEchoed(i, peer.readFrame());
      }
    }
  }

  @Test
  void peerThatHasEndedWritingStillGetsItsAnswers() throws IOException {
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      peer.write(echoes(100));
      peer.endWriting();
      List<byte[]> answers = RawPeer.frames(peer.readToEnd());
      assertEquals(100, answers.size());
      for (int i = 0; i < 100; i++) {
        assertEchoed(i, answers.get(i));
      }
    }
    eventually(() -> agent.connections() == 0);
  }

  @Test
  void connectionsComeAndGoWithoutATrace() throws IOException {
    for (int i = 0; i < 2_000; i++) {
      RawPeer.connect(agent.socket()).close();
    }
    eventually(() -> agent.connections() == 0);
    assertStillServing();
  }

  @Test
  void malformedMessageClosesItsConnectionWithoutAnAnswer() throws IOException {
    List<byte[]> malformed =
        List.of(
            frame("nonsense"),
            frame("{}"),
            frame("{\"version\":2,\"event_type\":\"configure\",\"payload\":{}}"),
            frame("{\"version\":1,\"event_type\":\"unheard_of\",\"payload\":{}}"),
            frame("{\"version\":1,\"event_type\":\"request_headers\",\"payload\":{}}"),
            new byte[4],
            ByteBuffer.allocate(5).putInt(10 * 1024 * 1024 + 1).put((byte) '{').array(),
            ByteBuffer.allocate(5).putInt(-1).put((byte) '{').array(),
            ByteBuffer.allocate(5).putInt(Integer.MIN_VALUE).put((byte) '{').array(),
            "GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
    for (byte[] bytes : malformed) {
      try (RawPeer peer = RawPeer.connect(agent.socket())) {
        peer.write(bytes);
        assertEquals(0, peer.readToEnd().length);
      }
    }
    assertEquals(malformed.size(), agent.dropped(DropReason.MALFORMED));
    eventually(() -> agent.connections() == 0);
    assertStillServing();
  }

  @Test
  void goodFramesBeforeAMalformedOneAreAnswered() throws IOException {
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(echoes(3));
      bytes.write(frame("{}"));
      peer.write(bytes.toByteArray());
      assertEquals(3, RawPeer.frames(peer.readToEnd()).size());
    }
  }

  @Test
  void halfAFrameAndItsEndAreNotAnswered() throws IOException {
    byte[] frame = Vectors.frame("v1", "request-headers-plain");
    for (int length : new int[] {1, 3, 4, 5, frame.length - 1}) {
      try (RawPeer peer = RawPeer.connect(agent.socket())) {
        peer.write(Arrays.copyOf(frame, length));
        peer.endWriting();
        assertEquals(0, peer.readToEnd().length);
      }
    }
    assertStillServing();
  }

  @Test
  void largeEventIsServed() throws IOException {
    try (AgentClient client = agent.connect()) {
      String value = "v".repeat(2 * 1024 * 1024);
      assertEquals(AgentReply.allow(), ask(client, request("/", "x-large", value)).reply());
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
    }
  }

  @Test
  void peerThatLeavesDuringItsCallDisturbsNobody() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (RawPeer peer = RawPeer.connect(agent.socket())) {
        peer.write(v1(EventWriter.write(request("/spin/100000"))));
      }
    }
    eventually(() -> agent.connections() == 0);
    assertStillServing();
  }

  @Test
  void stoppingAnswersWhatHasArrivedAndRemovesTheSocket() throws Exception {
    try (RawPeer busy = RawPeer.connect(agent.socket());
        RawPeer idle = RawPeer.connect(agent.socket())) {
      busy.write(echoes(500));
      CompletableFuture<Void> stopped = inBackground(agent::stopListening);
      List<byte[]> answers = RawPeer.frames(busy.readToEnd());
      assertEquals(500, answers.size());
      assertEquals(0, idle.readToEnd().length);
      stopped.get();
      assertFalse(Files.exists(agent.socket()));
    }
  }

  private void assertStillServing() throws IOException {
    try (AgentClient client = agent.connect()) {
      assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
    }
  }

  private static void assertEchoed(int number, byte[] answer) {
    assertTrue(new String(answer, UTF_8).contains("\"echo:c-" + number + "\""), "" + number);
  }

  private static byte[] echoes(int count) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec codec = ProxyCodec.of(ProxyCodec.Speech.V1);
    for (int i = 0; i < count; i++) {
      var event = request("c-" + i, "/echo", new String[0]);
      codec.encode(event.type(), EventWriter.write(event), out);
    }
    return out.drain();
  }

  private static byte[] v1(byte[] payload) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec.of(ProxyCodec.Speech.V1)
        .encode(io.sentinel.agent.message.EventType.REQUEST_HEADERS, payload, out);
    return out.drain();
  }

  private static byte[] frame(String payload) {
    byte[] bytes = payload.getBytes(UTF_8);
    return ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).array();
  }
}
