package io.sentinel.agent.server;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.eventually;
import static io.sentinel.agent.Events.request;
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
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/**
 * Recorded frames with something changed, on the real socket: whatever is answered is a good frame,
 * and the agent goes on. {@code -Dmutated.frames=100000} sends as many.
 */
class MutatedFramesTest {

  private static final int FRAMES = Integer.getInteger("mutated.frames", 4_000);

  private static final List<String> FOLDERS =
      List.of("v1", "v2-json", "v2-msgpack", "v2-msgpack-0.6.20");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper MESSAGE_PACK = new MessagePackMapper();

  private final Random random = new Random(20_261_124);

  @Test
  void agentGoesOnWhateverComes() throws IOException {
    try (TestAgent agent = TestAgent.start(TestAgent.Options.of(Guests.compiled(Guests.PUPPET)))) {
      int answered = 0;
      for (int i = 0; i < FRAMES; i++) {
        answered += converse(agent, FOLDERS.get(i % FOLDERS.size())) ? 1 : 0;
      }
      assertTrue(answered > FRAMES / 20 && answered < FRAMES, answered + " of " + FRAMES);
      assertTrue(agent.dropped(DropReason.MALFORMED) > FRAMES / 20);
      eventually(() -> agent.connections() == 0);
      assertEquals(0, agent.stuckThreads());
      for (Speech speech : Speech.values()) {
        try (AgentClient client = agent.connect(speech)) {
          var event = request("c-1", "/echo", new String[0]);
          assertEquals(List.of("echo:c-1"), ask(client, event).reply().audit().tags());
        }
      }
    }
  }

  /** Whether there was an answer to the mutated frame. */
  private boolean converse(TestAgent agent, String folder) throws IOException {
    List<String> names = Vectors.names(folder);
    byte[] mutated = mutated(Vectors.frame(folder, names.get(random.nextInt(names.size()))));
    boolean greets = !folder.equals("v1") && random.nextInt(4) > 0;
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    if (greets) {
      stream.write(greeting(folder));
    }
    stream.write(mutated);
    try (RawPeer peer = RawPeer.connect(agent.socket())) {
      try {
        peer.write(stream.toByteArray());
        peer.endWriting();
      } catch (IOException e) {
        // closed already: what was written before it was enough
      }
      List<byte[]> answers = RawPeer.frames(peer.readToEnd());
      for (byte[] answer : answers) {
        assertGood(answer, folder);
      }
      return answers.size() > (greets ? 1 : 0);
    }
  }

  private static byte[] greeting(String folder) {
    String encoding = folder.contains("msgpack") ? "msgpack" : "json";
    return Peer2.frame(
        Peer2.HANDSHAKE,
        "{\"supported_versions\":[2],\"supported_encodings\":[\"%s\"]}"
            .formatted(encoding)
            .getBytes(UTF_8));
  }

  private static void assertGood(byte[] answer, String folder) throws IOException {
    if (answer[0] == '{') {
      assertEquals(1, JSON.readTree(answer).get("version").asInt());
      return;
    }
    int type = answer[0];
    if (type == Peer2.PONG) {
      return;
    }
    assertTrue(type == 0x02 || type == Peer2.AGENT_RESPONSE, "type " + type);
    ObjectMapper mapper =
        type == Peer2.AGENT_RESPONSE && folder.contains("msgpack") ? MESSAGE_PACK : JSON;
    JsonNode message = mapper.readTree(answer, 1, answer.length - 1);
    if (type == Peer2.AGENT_RESPONSE) {
      assertEquals(2, message.get("version").asInt());
      assertTrue(message.at("/audit/custom/correlation_id").isTextual());
    } else {
      assertTrue(message.get("success").isBoolean());
    }
  }

  /** One to four changes; half of the time the length is made to fit what came of them. */
  private byte[] mutated(byte[] frame) {
    byte[] bytes = frame.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes = changed(bytes);
    }
    if (random.nextBoolean() && bytes.length >= 4) {
      int length = bytes.length - 4;
      for (int i = 0; i < 4; i++) {
        bytes[i] = (byte) (length >>> (24 - 8 * i));
      }
    }
    return bytes;
  }

  private byte[] changed(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = random.nextInt(bytes.length);
    int to = at + random.nextInt(bytes.length - at + 1);
    byte[] copy = bytes.clone();
    switch (random.nextInt(7)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> copy[at] = (byte) random.nextInt(256);
      case 2 -> copy[at] = (byte) "\"{}[],:\\0-e\u0000".charAt(random.nextInt(12));
      case 3 -> copy = Arrays.copyOf(bytes, at);
      case 4 ->
          copy = concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
      case 5 ->
          copy = concat(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
      default -> {
        byte[] noise = new byte[random.nextInt(16)];
        random.nextBytes(noise);
        copy =
            concat(
                concat(Arrays.copyOf(bytes, at), noise),
                Arrays.copyOfRange(bytes, at, bytes.length));
      }
    }
    return copy;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
