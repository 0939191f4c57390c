package io.sentinel.agent.wire;

import static io.sentinel.agent.wire.Kind.ANY;
import static io.sentinel.agent.wire.Kind.BOOLEAN;
import static io.sentinel.agent.wire.Kind.BYTES;
import static io.sentinel.agent.wire.Kind.HEADERS;
import static io.sentinel.agent.wire.Kind.TEXT;
import static io.sentinel.agent.wire.Kind.TEXTS;
import static io.sentinel.agent.wire.Kind.TEXT_MAP;
import static io.sentinel.agent.wire.Kind.U16;
import static io.sentinel.agent.wire.Kind.U32;
import static io.sentinel.agent.wire.Kind.U64;
import static io.sentinel.agent.wire.Struct.Field.checked;
import static io.sentinel.agent.wire.Struct.Field.checkedIfPresent;
import static io.sentinel.agent.wire.Struct.Field.kept;
import static io.sentinel.agent.wire.Struct.Field.keptIfPresent;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonParser;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.text.PlainJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the objects of events (protocol.md, section 4), whatever the version around them. */
public final class EventReader {

  private static final Struct METADATA =
      new Struct(
          "metadata",
          kept("correlation_id", TEXT),
          checked("request_id", TEXT),
          kept("client_ip", TEXT),
          checked("client_port", U16),
          checkedIfPresent("server_name", TEXT),
          checked("protocol", TEXT),
          checkedIfPresent("tls_version", TEXT),
          checkedIfPresent("tls_cipher", TEXT),
          keptIfPresent("route_id", TEXT),
          checkedIfPresent("upstream_id", TEXT),
          checked("timestamp", TEXT),
          keptIfPresent("traceparent", TEXT));

  private static final Struct REQUEST_HEADERS =
      new Struct(
          "request_headers",
          kept("metadata", METADATA),
          kept("method", TEXT),
          kept("uri", TEXT),
          kept("headers", HEADERS));

  private static final Struct REQUEST_BODY_CHUNK =
      new Struct(
          "request_body_chunk",
          kept("correlation_id", TEXT),
          checked("data", BYTES),
          checked("is_last", BOOLEAN),
          checkedIfPresent("total_size", U64),
          checkedIfPresent("chunk_index", U32),
          checkedIfPresent("bytes_received", U64));

  private static final Struct RESPONSE_HEADERS =
      new Struct(
          "response_headers",
          kept("correlation_id", TEXT),
          kept("status", U16),
          kept("headers", HEADERS));

  private static final Struct RESPONSE_BODY_CHUNK =
      new Struct(
          "response_body_chunk",
          kept("correlation_id", TEXT),
          checked("data", BYTES),
          checked("is_last", BOOLEAN),
          checkedIfPresent("total_size", U64),
          checkedIfPresent("chunk_index", U32),
          checkedIfPresent("bytes_sent", U64));

  private static final Struct REQUEST_COMPLETE =
      new Struct(
          "request_complete",
          kept("correlation_id", TEXT),
          checked("status", U16),
          checked("duration_ms", U64),
          checked("request_body_size", U64),
          checked("response_body_size", U64),
          checked("upstream_attempts", U32),
          checkedIfPresent("error", TEXT));

  private static final Struct WEBSOCKET_FRAME =
      new Struct(
          "web_socket_frame",
          kept("correlation_id", TEXT),
          checked("opcode", TEXT),
          checked("data", BYTES),
          checked("client_to_server", BOOLEAN),
          checked("frame_index", U64),
          checked("fin", BOOLEAN),
          checkedIfPresent("route_id", TEXT),
          checked("client_ip", TEXT));

  private static final Struct GUARDRAIL_INSPECT =
      new Struct(
          "guardrail_inspect",
          kept("correlation_id", TEXT),
          checked("inspection_type", TEXT),
          checked("content", TEXT),
          checkedIfPresent("model", TEXT),
          checkedIfPresent("categories", TEXTS),
          checkedIfPresent("route_id", TEXT),
          checkedIfPresent("metadata", TEXT_MAP));

  /** Version 1 has the agent's id in place of the correlation id of version 2. */
  private static final Struct CONFIGURE =
      new Struct(
          "configure",
          checkedIfPresent("agent_id", TEXT),
          keptIfPresent("config", ANY),
          keptIfPresent("correlation_id", TEXT),
          checkedIfPresent("config_version", TEXT));

  // Where the kept values of the two frequent events stand, looked up once.
  private static final int METADATA_AT = REQUEST_HEADERS.position("metadata");
  private static final int METHOD_AT = REQUEST_HEADERS.position("method");
  private static final int URI_AT = REQUEST_HEADERS.position("uri");
  private static final int HEADERS_AT = REQUEST_HEADERS.position("headers");
  private static final int CORRELATION_ID_AT = METADATA.position("correlation_id");
  private static final int CLIENT_IP_AT = METADATA.position("client_ip");
  private static final int ROUTE_ID_AT = METADATA.position("route_id");
  private static final int TRACEPARENT_AT = METADATA.position("traceparent");
  private static final int STATUS_AT = RESPONSE_HEADERS.position("status");
  private static final int RESPONSE_HEADERS_AT = RESPONSE_HEADERS.position("headers");

  private EventReader() {}

  /**
   * Reads the event's object, at whose start the parser stands, to its end.
   *
   * @throws MalformedMessageException if it is not the object of such an event
   */
  public static AgentEvent read(EventType type, JsonParser in, Dialect dialect) throws IOException {
    return switch (type) {
      case REQUEST_HEADERS -> requestHeaders(REQUEST_HEADERS.read(in, dialect));
      case RESPONSE_HEADERS -> responseHeaders(RESPONSE_HEADERS.read(in, dialect));
      case CONFIGURE -> configure(in, dialect);
      case REQUEST_BODY_CHUNK -> unhandled(type, REQUEST_BODY_CHUNK.read(in, dialect));
      case RESPONSE_BODY_CHUNK -> unhandled(type, RESPONSE_BODY_CHUNK.read(in, dialect));
      case REQUEST_COMPLETE -> unhandled(type, REQUEST_COMPLETE.read(in, dialect));
      case WEBSOCKET_FRAME -> unhandled(type, WEBSOCKET_FRAME.read(in, dialect));
      case GUARDRAIL_INSPECT -> unhandled(type, GUARDRAIL_INSPECT.read(in, dialect));
    };
  }

  /**
   * The same, of JSON that is plain.
   *
   * @throws PlainJson.Unusual if it is not, or not such an event
   */
  public static AgentEvent read(EventType type, PlainJson in) {
    return switch (type) {
      case REQUEST_HEADERS -> requestHeaders(REQUEST_HEADERS.read(in));
      case RESPONSE_HEADERS -> responseHeaders(RESPONSE_HEADERS.read(in));
      case REQUEST_BODY_CHUNK -> unhandled(type, REQUEST_BODY_CHUNK.read(in));
      case RESPONSE_BODY_CHUNK -> unhandled(type, RESPONSE_BODY_CHUNK.read(in));
      case REQUEST_COMPLETE -> unhandled(type, REQUEST_COMPLETE.read(in));
      case CONFIGURE, WEBSOCKET_FRAME, GUARDRAIL_INSPECT -> throw PlainJson.unusual();
    };
  }

  static long offsetOf(JsonParser in) {
    return Math.max(0, in.currentLocation().getByteOffset());
  }

  private static AgentEvent requestHeaders(@Nullable Object[] event) {
    @Nullable Object[] metadata = (@Nullable Object[]) requireNonNull(event[METADATA_AT]);
    return new AgentEvent.RequestHeaders(
        text(metadata[CORRELATION_ID_AT]),
        text(event[METHOD_AT]),
        text(event[URI_AT]),
        text(metadata[CLIENT_IP_AT]),
        Optional.ofNullable((String) metadata[ROUTE_ID_AT]),
        Optional.ofNullable((String) metadata[TRACEPARENT_AT]),
        headers(event[HEADERS_AT]));
  }

  private static AgentEvent responseHeaders(@Nullable Object[] event) {
    return new AgentEvent.ResponseHeaders(
        text(event[0]),
        (Integer) requireNonNull(event[STATUS_AT]),
        headers(event[RESPONSE_HEADERS_AT]));
  }

  private static AgentEvent configure(JsonParser in, Dialect dialect) throws IOException {
    @Nullable Object[] event = CONFIGURE.read(in, dialect);
    Object id = event[CONFIGURE.position("correlation_id")];
    Object config = event[CONFIGURE.position("config")];
    return new AgentEvent.Configure(id == null ? "" : text(id), object(config, in));
  }

  private static AgentEvent unhandled(EventType type, @Nullable Object[] event) {
    return new AgentEvent.Unhandled(type, text(event[0]));
  }

  private static String text(@Nullable Object value) {
    return (String) requireNonNull(value);
  }

  @SuppressWarnings("unchecked") // what Kind.HEADERS reads
  private static List<Header> headers(@Nullable Object value) {
    return (List<Header>) requireNonNull(value);
  }

  @SuppressWarnings("unchecked") // what Kind.ANY makes of a JSON object
  private static Map<String, Object> object(@Nullable Object value, JsonParser in) {
    if (value == null) {
      return Map.of(); // an agent without settings of its own is sent null
    }
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new MalformedMessageException("configure.config: expected an object", offsetOf(in));
  }
}
