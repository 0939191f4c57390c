package io.sentinel.agent.wire;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.wire.ObjectWriter.FieldName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes AgentResponse objects (protocol.md, section 5). */
public final class ReplyWriter {

  private static final String LOCATION = "Location";

  private static final FieldName VERSION = new FieldName("version");
  private static final FieldName DECISION = new FieldName("decision");
  private static final FieldName REQUEST_HEADERS = new FieldName("request_headers");
  private static final FieldName RESPONSE_HEADERS = new FieldName("response_headers");
  private static final FieldName ROUTING_METADATA = new FieldName("routing_metadata");
  private static final FieldName NEEDS_MORE = new FieldName("needs_more");
  private static final FieldName REQUEST_BODY_MUTATION = new FieldName("request_body_mutation");
  private static final FieldName RESPONSE_BODY_MUTATION = new FieldName("response_body_mutation");
  private static final FieldName WEBSOCKET_DECISION = new FieldName("websocket_decision");
  private static final FieldName CLOSE = new FieldName("close");
  private static final FieldName CODE = new FieldName("code");
  private static final FieldName REASON = new FieldName("reason");
  private static final FieldName CHALLENGE = new FieldName("challenge");
  private static final FieldName CHALLENGE_TYPE = new FieldName("challenge_type");
  private static final FieldName PARAMS = new FieldName("params");
  private static final FieldName BLOCK = new FieldName("block");
  private static final FieldName STATUS = new FieldName("status");
  private static final FieldName BODY = new FieldName("body");
  private static final FieldName HEADERS = new FieldName("headers");
  private static final FieldName SET = new FieldName("set");
  private static final FieldName ADD = new FieldName("add");
  private static final FieldName REMOVE = new FieldName("remove");
  private static final FieldName NAME = new FieldName("name");
  private static final FieldName VALUE = new FieldName("value");
  private static final FieldName AUDIT = new FieldName("audit");
  private static final FieldName TAGS = new FieldName("tags");
  private static final FieldName RULE_IDS = new FieldName("rule_ids");
  private static final FieldName CONFIDENCE = new FieldName("confidence");
  private static final FieldName REASON_CODES = new FieldName("reason_codes");
  private static final FieldName CUSTOM = new FieldName("custom");
  private static final FieldName CORRELATION_ID = new FieldName("correlation_id");

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
      ObjectWriter out,
      int version,
      AgentReply reply,
      AgentEvent event,
      Optional<String> correlationId) {
    out.beginObject();
    out.name(VERSION);
    out.number(version);
    decision(out, reply.decision());
    ops(out, REQUEST_HEADERS, Optional.empty(), reply.requestHeaders());
    ops(out, RESPONSE_HEADERS, location(reply.decision()), reply.responseHeaders());
    out.name(ROUTING_METADATA);
    out.beginObject();
    out.endObject();
    audit(out, reply.audit(), correlationId);
    out.name(NEEDS_MORE);
    out.bool(false);
    out.name(REQUEST_BODY_MUTATION);
    out.nothing();
    out.name(RESPONSE_BODY_MUTATION);
    out.nothing();
    websocketDecision(out, reply.decision(), event);
    out.endObject();
  }

  private static void websocketDecision(ObjectWriter out, Decision decision, AgentEvent event) {
    out.name(WEBSOCKET_DECISION);
    if (event.type() != EventType.WEBSOCKET_FRAME) {
      out.nothing();
    } else if (decision.kind() == Decision.Kind.ALLOW) {
      out.text("allow");
    } else {
      out.beginObject();
      out.name(CLOSE);
      out.beginObject();
      out.name(CODE);
      out.number(WEBSOCKET_INTERNAL_ERROR);
      out.name(REASON);
      out.text("Wasm Error");
      out.endObject();
      out.endObject();
    }
  }

  private static void decision(ObjectWriter out, Decision decision) {
    out.name(DECISION);
    switch (decision) {
      case Decision.Allow _ -> out.text("allow");
      case Decision.Block(int status, Optional<String> body, Map<String, String> headers) ->
          block(out, status, body, headers);
      // No proxy of today acts on a redirect; see "Why is a redirect sent as a block?" in
      // RATIONALE.md.
      case Decision.Redirect(int status, String url) ->
          block(out, status, Optional.empty(), Map.of(LOCATION, url));
      case Decision.Challenge(String type, Map<String, String> params) -> {
        out.beginObject();
        out.name(CHALLENGE);
        out.beginObject();
        out.name(CHALLENGE_TYPE);
        out.text(type);
        texts(out, PARAMS, params);
        out.endObject();
        out.endObject();
      }
    }
  }

  private static void block(
      ObjectWriter out, int status, Optional<String> body, Map<String, String> headers) {
    out.beginObject();
    out.name(BLOCK);
    out.beginObject();
    out.name(STATUS);
    out.number(status);
    out.name(BODY);
    if (body.isPresent()) {
      out.text(body.get());
    } else {
      out.nothing();
    }
    if (headers.isEmpty()) {
      out.name(HEADERS);
      out.nothing();
    } else {
      texts(out, HEADERS, headers);
    }
    out.endObject();
    out.endObject();
  }

  private static Optional<HeaderOp> location(Decision decision) {
    return decision instanceof Decision.Redirect(int _, String url)
        ? Optional.of(new HeaderOp.Set(LOCATION, url))
        : Optional.empty();
  }

  private static void ops(
      ObjectWriter out, FieldName field, Optional<HeaderOp> first, List<HeaderOp> ops) {
    out.name(field);
    out.beginList();
    if (first.isPresent()) {
      op(out, first.get());
    }
    for (int i = 0; i < ops.size(); i++) {
      op(out, ops.get(i));
    }
    out.endList();
  }

  private static void op(ObjectWriter out, HeaderOp op) {
    out.beginObject();
    switch (op) {
      case HeaderOp.Set(String name, String value) -> opFields(out, SET, name, value);
      case HeaderOp.Add(String name, String value) -> opFields(out, ADD, name, value);
      case HeaderOp.Remove(String name) -> {
        out.name(REMOVE);
        out.beginObject();
        out.name(NAME);
        out.text(name);
        out.endObject();
      }
    }
    out.endObject();
  }

  private static void opFields(ObjectWriter out, FieldName verb, String name, String value) {
    out.name(verb);
    out.beginObject();
    out.name(NAME);
    out.text(name);
    out.name(VALUE);
    out.text(value);
    out.endObject();
  }

  private static void audit(ObjectWriter out, Audit audit, Optional<String> correlationId) {
    out.name(AUDIT);
    out.beginObject();
    texts(out, TAGS, audit.tags());
    texts(out, RULE_IDS, List.of());
    out.name(CONFIDENCE);
    out.nothing();
    texts(out, REASON_CODES, audit.reasonCodes());
    out.name(CUSTOM);
    out.beginObject();
    if (correlationId.isPresent()) {
      out.name(CORRELATION_ID);
      out.text(correlationId.get());
    }
    out.endObject();
    out.endObject();
  }

  private static void texts(ObjectWriter out, FieldName field, Map<String, String> texts) {
    out.name(field);
    out.beginObject();
    for (Map.Entry<String, String> text : texts.entrySet()) {
      out.name(text.getKey());
      out.text(text.getValue());
    }
    out.endObject();
  }

  private static void texts(ObjectWriter out, FieldName field, List<String> texts) {
    out.name(field);
    out.beginList();
    for (int i = 0; i < texts.size(); i++) {
      out.text(texts.get(i));
    }
    out.endList();
  }
}
