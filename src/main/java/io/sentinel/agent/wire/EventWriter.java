package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The proxy's side: writes the objects of events (protocol.md, section 4). */
public final class EventWriter {

  private static final Map<EventType, String> UNHANDLED =
      Map.of(
          EventType.REQUEST_BODY_CHUNK,
          """
          "data":"","is_last":true,"total_size":null,"chunk_index":0,"bytes_received":0""",
          EventType.RESPONSE_BODY_CHUNK,
          """
          "data":"","is_last":true,"total_size":null,"chunk_index":0,"bytes_sent":0""",
          EventType.REQUEST_COMPLETE,
          """
          "status":200,"duration_ms":1,"request_body_size":0,"response_body_size":0,\
          "upstream_attempts":1,"error":null""",
          EventType.WEBSOCKET_FRAME,
          """
          "opcode":"text","data":"","client_to_server":true,"frame_index":0,"fin":true,\
          "route_id":null,"client_ip":"127.0.0.1\"""",
          EventType.GUARDRAIL_INSPECT,
          """
          "inspection_type":"prompt_injection","content":"","categories":[],"metadata":{}""");

  private EventWriter() {}

  /** The event's object as JSON; fields that {@link AgentEvent} does not have are made up. */
  public static byte[] write(AgentEvent event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = Json.factory().createGenerator(bytes)) {
      out.writeStartObject();
      switch (event) {
        case AgentEvent.RequestHeaders request -> {
          metadata(out, request);
          out.writeStringField("method", request.method());
          out.writeStringField("uri", request.uri());
          headers(out, request.headers());
        }
        case AgentEvent.ResponseHeaders response -> {
          out.writeStringField("correlation_id", response.correlationId());
          out.writeNumberField("status", response.status());
          headers(out, response.headers());
        }
        case AgentEvent.Configure configure -> {
          out.writeStringField("agent_id", "sentinel-wasm-agent");
          out.writeFieldName("config");
          value(out, configure.config());
        }
        case AgentEvent.Unhandled(EventType type, String correlationId) -> {
          out.writeStringField("correlation_id", correlationId);
          out.writeRaw("," + UNHANDLED.get(type));
        }
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the generator writes to memory
    }
    return bytes.toByteArray();
  }

  private static void metadata(JsonGenerator out, AgentEvent.RequestHeaders request)
      throws IOException {
    out.writeObjectFieldStart("metadata");
    out.writeStringField("correlation_id", request.correlationId());
    out.writeStringField("request_id", request.correlationId());
    out.writeStringField("client_ip", request.clientIp());
    out.writeNumberField("client_port", 0);
    out.writeNullField("server_name");
    out.writeStringField("protocol", "HTTP/1.1");
    out.writeNullField("tls_version");
    out.writeNullField("tls_cipher");
    textOrNull(out, "route_id", request.routeId());
    out.writeNullField("upstream_id");
    out.writeStringField("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    textOrNull(out, "traceparent", request.traceparent());
    out.writeEndObject();
  }

  private static void textOrNull(JsonGenerator out, String name, Optional<String> text)
      throws IOException {
    if (text.isPresent()) {
      out.writeStringField(name, text.get());
    } else {
      out.writeNullField(name);
    }
  }

  private static void headers(JsonGenerator out, List<Header> headers) throws IOException {
    out.writeObjectFieldStart("headers");
    for (Header header : headers) {
      out.writeArrayFieldStart(header.name());
      for (String value : header.values()) {
        out.writeString(value);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static void value(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName(String.valueOf(entry.getKey()));
          value(out, entry.getValue());
        }
        out.writeEndObject();
      }
      case List<?> list -> {
        out.writeStartArray();
        for (Object element : list) {
          value(out, element);
        }
        out.writeEndArray();
      }
      case null -> out.writeNull();
      default -> out.writePOJO(value); // a number, a boolean or a text
    }
  }
}
