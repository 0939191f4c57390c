package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;
import static io.sentinel.agent.fuzz.Properties.onlyFrame;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.v2.V2Codec;
import java.io.IOException;

/** The JSON of a handshake: always answered, and agreed to only where it offers version 2. */
public final class HandshakeFuzz {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private HandshakeFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    byte[] frame = new byte[input.length + 1];
    frame[0] = 1;
    System.arraycopy(input, 0, frame, 1, input.length);
    V2Codec codec = new V2Codec(Version2Check.CAPABILITIES);
    Inbound inbound = codec.decode(new Frame(frame, 0, frame.length));
    Inbound.Reply reply = ((Inbound.Immediate) inbound).reply();

    FrameBuffer out = new FrameBuffer();
    reply.write(out);
    Frame written = onlyFrame(out.drain(), Protocol.V2);
    checkEqual(2, (int) written.bytes()[written.offset()], "the answer's type");
    JsonNode answer;
    try {
      answer = JSON.readTree(written.bytes(), written.offset() + 1, written.length() - 1);
    } catch (IOException e) {
      throw new AssertionError("the answer is no JSON", e);
    }
    boolean agreed = answer.get("success").asBoolean();
    checkEqual(agreed, answer.get("error").isNull(), "an error and no success");
    checkEqual(!agreed, reply.isLast(), "the end of the connection");
    checkEqual(agreed, codec.takesReports(), "what the codec made of it");
    if (agreed) {
      JsonNode request = tree(input);
      check(offersVersion2(request), "agreed to what was not offered: " + request);
      checkEqual(encoding(request), answer.get("encoding").asText(), "the encoding");
    }
  }

  private static JsonNode tree(byte[] input) {
    try {
      return JSON.readTree(input);
    } catch (IOException e) {
      throw new AssertionError("agreed to what is no JSON", e);
    }
  }

  private static boolean offersVersion2(JsonNode request) {
    for (JsonNode version : request.path("supported_versions")) {
      if (version.isIntegralNumber() && version.asText().equals("2")) {
        return true;
      }
    }
    return false;
  }

  private static String encoding(JsonNode request) {
    for (JsonNode name : request.path("supported_encodings")) {
      String lower = name.asText().toLowerCase(java.util.Locale.ROOT);
      if (lower.equals("json") || lower.equals("msgpack")) {
        return lower;
      }
    }
    return "json";
  }
}
