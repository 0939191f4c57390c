package io.sentinel.agent.wire.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ReplyReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Version 2 as a proxy speaks it: named maps, and what comes unasked is passed over. */
public final class V2ProxyCodec implements ProxyCodec {

  private final Encoding encoding;

  public V2ProxyCodec(Encoding encoding) {
    this.encoding = encoding;
  }

  @Override
  public Optional<byte[]> greeting() {
    FrameBuffer out = new FrameBuffer();
    out.beginFrame();
    out.write(MessageType.HANDSHAKE_REQUEST.number());
    byte[] json =
        """
        {"supported_versions":[2],"proxy_id":"sentinel-wasm-agent send","proxy_version":"0",\
        "config":null,"supported_encodings":["%s"]}"""
            .formatted(encoding.label())
            .getBytes(StandardCharsets.UTF_8);
    out.write(json, 0, json.length);
    out.endFrame(Protocol.V2.maxLength());
    return Optional.of(out.drain());
  }

  @Override
  public void checkGreeting(Frame frame) {
    String json =
        new String(frame.bytes(), frame.offset() + 1, frame.length() - 1, StandardCharsets.UTF_8);
    if (frame.bytes()[frame.offset()] != MessageType.HANDSHAKE_RESPONSE.number()
        || !json.contains("\"success\":true")) {
      throw new MalformedMessageException("the agent refused the handshake: " + json, 0);
    }
  }

  @Override
  public void encode(EventType type, byte[] payload, FrameBuffer out) {
    out.beginFrame();
    out.write(MessageType.of(type).number());
    if (encoding == Encoding.JSON) {
      out.write(payload, 0, payload.length);
    } else {
      byte[] transcoded = transcode(payload, 0, payload.length, Encoding.JSON, encoding);
      out.write(transcoded, 0, transcoded.length);
    }
    out.endFrame(Protocol.V2.maxLength());
  }

  @Override
  public Optional<Reply> decode(Frame frame) {
    if (frame.bytes()[frame.offset()] != MessageType.AGENT_RESPONSE.number()) {
      return Optional.empty();
    }
    encoding
        .problem(frame.bytes(), frame.offset() + 1, frame.length() - 1)
        .ifPresent(
            problem -> {
              throw new MalformedMessageException("the answer " + problem, 0);
            });
    byte[] json =
        transcode(frame.bytes(), frame.offset() + 1, frame.length() - 1, encoding, Encoding.JSON);
    return Optional.of(
        new Reply(
            ReplyReader.read(json, 0, json.length), new String(json, StandardCharsets.UTF_8)));
  }

  private static byte[] transcode(
      byte[] bytes, int offset, int length, Encoding from, Encoding to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonParser in = from.factory().createParser(bytes, offset, length);
        JsonGenerator generator = to.factory().createGenerator(out)) {
      if (in.nextToken() == null) {
        throw new MalformedMessageException("there is nothing in it", 0);
      }
      generator.copyCurrentStructure(in); // one value, which is all there is
    } catch (IOException e) {
      throw new MalformedMessageException(String.valueOf(e.getMessage()), 0);
    }
    return out.toByteArray();
  }
}
