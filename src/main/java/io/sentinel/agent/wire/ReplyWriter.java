package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.HeaderOp;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes AgentResponse objects (protocol.md, section 5). */
public final class ReplyWriter {

  private static final String LOCATION = "Location";

  /** RFC 6455, section 7.4.1. */
  private static final int WEBSOCKET_INTERNAL_ERROR = 1011;

  private ReplyWriter() {}

  /**
   * Writes the whole object.
   *
   * @param version what the proxy expects to see as {@code version}
   * @param correlationId what the proxy finds the event by, where it does not go by the order
   */
  public static void write(
      JsonGenerator out,
      int version,
      AgentReply reply,
      AgentEvent event,
      Optional<String> correlationId)
      throws IOException {
    out.writeStartObject();
    out.writeNumberField("version", version);
    decision(out, reply.decision());
    ops(out, "request_headers", Optional.empty(), reply.requestHeaders());
    ops(out, "response_headers", location(reply.decision()), reply.responseHeaders());
    out.writeObjectFieldStart("routing_metadata");
    out.writeEndObject();
    audit(out, reply.audit(), correlationId);
    out.writeBooleanField("needs_more", false);
    out.writeNullField("request_body_mutation");
    out.writeNullField("response_body_mutation");
    websocketDecision(out, reply.decision(), event);
    out.writeEndObject();
  }

  private static void websocketDecision(JsonGenerator out, Decision decision, AgentEvent event)
      throws IOException {
    out.writeFieldName("websocket_decision");
    if (event.type() != EventType.WEBSOCKET_FRAME) {
      out.writeNull();
    } else if (decision.kind() == Decision.Kind.ALLOW) {
      out.writeString("allow");
    } else {
      out.writeStartObject();
      out.writeObjectFieldStart("close");
      out.writeNumberField("code", WEBSOCKET_INTERNAL_ERROR);
      out.writeStringField("reason", "Wasm Error");
      out.writeEndObject();
      out.writeEndObject();
    }
  }

  private static void decision(JsonGenerator out, Decision decision) throws IOException {
    out.writeFieldName("decision");
    switch (decision) {
      case Decision.Allow _ -> out.writeString("allow");
      case Decision.Block(int status, Optional<String> body, Map<String, String> headers) ->
          block(out, status, body, headers);
      // No proxy of today acts on a redirect; see "Why is a redirect sent as a block?" in
      // RATIONALE.md.
      case Decision.Redirect(int status, String url) ->
          block(out, status, Optional.empty(), Map.of(LOCATION, url));
      case Decision.Challenge(String type, Map<String, String> params) -> {
        out.writeStartObject();
        out.writeObjectFieldStart("challenge");
        out.writeStringField("challenge_type", type);
        texts(out, "params", params);
        out.writeEndObject();
        out.writeEndObject();
      }
    }
  }

  private static void block(
      JsonGenerator out, int status, Optional<String> body, Map<String, String> headers)
      throws IOException {
    out.writeStartObject();
    out.writeObjectFieldStart("block");
    out.writeNumberField("status", status);
    out.writeFieldName("body");
    if (body.isPresent()) {
      out.writeString(body.get());
    } else {
      out.writeNull();
    }
    if (headers.isEmpty()) {
      out.writeNullField("headers");
    } else {
      texts(out, "headers", headers);
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static Optional<HeaderOp> location(Decision decision) {
    return decision instanceof Decision.Redirect(int _, String url)
        ? Optional.of(new HeaderOp.Set(LOCATION, url))
        : Optional.empty();
  }

  private static void ops(
      JsonGenerator out, String field, Optional<HeaderOp> first, List<HeaderOp> ops)
      throws IOException {
    out.writeArrayFieldStart(field);
    if (first.isPresent()) {
      op(out, first.get());
    }
    for (int i = 0; i < ops.size(); i++) {
      op(out, ops.get(i));
    }
    out.writeEndArray();
  }

  private static void op(JsonGenerator out, HeaderOp op) throws IOException {
    out.writeStartObject();
    switch (op) {
      case HeaderOp.Set(String name, String value) -> opFields(out, "set", name, value);
      case HeaderOp.Add(String name, String value) -> opFields(out, "add", name, value);
      case HeaderOp.Remove(String name) -> {
        out.writeObjectFieldStart("remove");
        out.writeStringField("name", name);
        out.writeEndObject();
      }
    }
    out.writeEndObject();
  }

  private static void opFields(JsonGenerator out, String verb, String name, String value)
      throws IOException {
    out.writeObjectFieldStart(verb);
    out.writeStringField("name", name);
    out.writeStringField("value", value);
    out.writeEndObject();
  }

  private static void audit(JsonGenerator out, Audit audit, Optional<String> correlationId)
      throws IOException {
    out.writeObjectFieldStart("audit");
    texts(out, "tags", audit.tags());
    texts(out, "rule_ids", List.of());
    out.writeNullField("confidence");
    texts(out, "reason_codes", audit.reasonCodes());
    out.writeObjectFieldStart("custom");
    if (correlationId.isPresent()) {
      out.writeStringField("correlation_id", correlationId.get());
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void texts(JsonGenerator out, String field, Map<String, String> texts)
      throws IOException {
    out.writeObjectFieldStart(field);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      out.writeStringField(text.getKey(), text.getValue());
    }
    out.writeEndObject();
  }

  private static void texts(JsonGenerator out, String field, List<String> texts)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (int i = 0; i < texts.size(); i++) {
      out.writeString(texts.get(i));
    }
    out.writeEndArray();
  }
}
