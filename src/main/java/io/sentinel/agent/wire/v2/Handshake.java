package io.sentinel.agent.wire.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.Json;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a handshake (protocol.md, section 3.2): always JSON.
 *
 * @param error why there is no agreement, if there is none
 */
record Handshake(Capabilities capabilities, Encoding encoding, Optional<String> error)
    implements Inbound.Reply {

  /** Reads a request and decides; a request that cannot be read is refused with the reason. */
  static Handshake answer(byte[] bytes, int offset, int length, Capabilities capabilities) {
    Optional<String> problem = JsonText.problem(bytes, offset, length);
    if (problem.isPresent()) {
      return refused("the handshake " + problem.get(), capabilities);
    }
    List<Long> versions = new ArrayList<>();
    List<String> encodings = new ArrayList<>();
    try (JsonParser in = Json.factory().createParser(bytes, offset, length)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return refused("the handshake is no object", capabilities);
      }
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String field = in.currentName();
        in.nextToken();
        switch (field) {
          case "supported_versions" -> versions(in, versions);
          case "supported_encodings" -> encodings(in, encodings);
          default -> in.skipChildren();
        }
      }
      if (in.nextToken() != null) {
        return refused("something follows the handshake", capabilities);
      }
    } catch (MalformedMessageException e) {
      return refused(String.valueOf(e.getMessage()), capabilities);
    } catch (IOException e) {
      return refused("the handshake cannot be read", capabilities);
    }
    if (!versions.contains((long) V2Format.VERSION)) {
      return refused(
          "version %d is spoken here, and was not offered".formatted(V2Format.VERSION),
          capabilities);
    }
    Encoding encoding =
        encodings.stream()
            .flatMap(name -> Encoding.of(name).stream())
            .findFirst()
            .orElse(Encoding.JSON);
    return new Handshake(capabilities, encoding, Optional.empty());
  }

  boolean succeeded() {
    return error.isEmpty();
  }

  @Override
  public boolean isLast() {
    return !succeeded();
  }

  @Override
  public void write(FrameBuffer out) {
    out.beginFrame();
    out.write(MessageType.HANDSHAKE_RESPONSE.number());
    try (JsonGenerator json = Json.factory().createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("protocol_version", V2Format.VERSION);
      json.writeBooleanField("success", succeeded());
      json.writeStringField("error", error.orElse(null));
      json.writeStringField("encoding", encoding.label());
      json.writeObjectFieldStart("capabilities");
      json.writeStringField("agent_id", Capabilities.AGENT_ID);
      json.writeStringField("name", Capabilities.AGENT_ID);
      json.writeStringField("version", capabilities.version());
      json.writeArrayFieldStart("supported_events");
      for (EventType type : EventType.values()) {
        if (capabilities.handled().contains(type)) {
          json.writeNumber(V2Format.number(type));
        }
      }
      json.writeEndArray();
      features(json);
      limits(json);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the generator writes to memory
    }
    out.endFrame(Protocol.V2.maxLength());
  }

  private void features(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("features");
    json.writeBooleanField("streaming_body", false);
    json.writeBooleanField("websocket", false);
    json.writeBooleanField("guardrails", false);
    json.writeBooleanField("config_push", true);
    json.writeBooleanField("metrics_export", capabilities.reports());
    json.writeNumberField("concurrent_requests", capabilities.maxInFlight());
    json.writeBooleanField("cancellation", true);
    json.writeBooleanField("flow_control", true);
    json.writeBooleanField("health_reporting", capabilities.reports());
    json.writeEndObject();
  }

  private void limits(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("limits");
    json.writeNumberField("max_body_size", 0);
    json.writeNumberField("max_concurrency", capabilities.maxInFlight());
    json.writeNumberField("preferred_chunk_size", 0);
    json.writeEndObject();
  }

  private static Handshake refused(String reason, Capabilities capabilities) {
    return new Handshake(capabilities, Encoding.JSON, Optional.of(reason));
  }

  private static void versions(JsonParser in, List<Long> versions) throws IOException {
    expect(in, JsonToken.START_ARRAY, "supported_versions", "a list");
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in, JsonToken.VALUE_NUMBER_INT, "supported_versions", "integers");
      versions.add(in.getLongValue());
    }
  }

  private static void encodings(JsonParser in, List<String> encodings) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(in, JsonToken.START_ARRAY, "supported_encodings", "a list");
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in, JsonToken.VALUE_STRING, "supported_encodings", "strings");
      encodings.add(in.getText());
    }
  }

  /** Anything else than a list would be read on and on, beyond the end of the text. */
  private static void expect(JsonParser in, JsonToken token, String field, String what) {
    if (in.currentToken() != token) {
      throw new MalformedMessageException(
          "%s: expected %s, not %s".formatted(field, what, in.currentToken()),
          Math.max(0, in.currentLocation().getByteOffset()));
    }
  }
}
