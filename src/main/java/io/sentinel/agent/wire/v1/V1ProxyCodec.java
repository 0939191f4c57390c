package io.sentinel.agent.wire.v1;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Json;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ReplyReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Version 1 as a proxy speaks it. */
public final class V1ProxyCodec implements ProxyCodec {

  @Override
  public Optional<byte[]> greeting() {
    return Optional.empty();
  }

  @Override
  public void checkGreeting(Frame frame) {
    throw new UnsupportedOperationException("version 1 has no greeting");
  }

  @Override
  public Optional<Reply> decode(Frame frame) {
    return Optional.of(
        new Reply(
            ReplyReader.read(frame.bytes(), frame.offset(), frame.length()),
            new String(frame.bytes(), frame.offset(), frame.length(), StandardCharsets.UTF_8)));
  }

  @Override
  public void encode(EventType type, byte[] payload, FrameBuffer out) {
    out.beginFrame();
    try (JsonGenerator json = Json.factory().createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField(V1Format.VERSION_FIELD, V1Format.VERSION);
      json.writeStringField(V1Format.EVENT_TYPE_FIELD, type.label());
      json.writeFieldName(V1Format.PAYLOAD_FIELD);
      json.writeRawValue(new String(payload, StandardCharsets.UTF_8));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the generator writes to memory
    }
    out.endFrame(Protocol.V1.maxLength());
  }
}
