package io.sentinel.agent.message;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to a request, as the proxy tells it. Each record holds the fields the
 * agent uses; the codecs check the others and drop them.
 */
public sealed interface AgentEvent {

  /** Ties the event to its request and the answer to its event; may be empty, and of any length. */
  String correlationId();

  EventType type();

  /** The route that the proxy has chosen, where the event names one. */
  default Optional<String> routeId() {
    return Optional.empty();
  }

  /**
   * The request line and the headers, before the request goes upstream.
   *
   * @param traceparent the span of the proxy that asks, as W3C Trace Context writes it; unchecked
   */
  record RequestHeaders(
      String correlationId,
      String method,
      String uri,
      String clientIp,
      Optional<String> routeId,
      Optional<String> traceparent,
      List<Header> headers)
      implements AgentEvent {

    public RequestHeaders {
      headers = List.copyOf(headers);
    }

    /** One that belongs to no trace. */
    public RequestHeaders(
        String correlationId,
        String method,
        String uri,
        String clientIp,
        Optional<String> routeId,
        List<Header> headers) {
      this(correlationId, method, uri, clientIp, routeId, Optional.empty(), headers);
    }

    @Override
    public EventType type() {
      return EventType.REQUEST_HEADERS;
    }
  }

  /** The status and the headers of the upstream's response. */
  record ResponseHeaders(String correlationId, int status, List<Header> headers)
      implements AgentEvent {

    public ResponseHeaders {
      headers = List.copyOf(headers);
    }

    @Override
    public EventType type() {
      return EventType.RESPONSE_HEADERS;
    }
  }

  /** The operator's settings for this agent: any JSON object, as maps, lists, strings, numbers. */
  record Configure(String correlationId, Map<String, Object> config) implements AgentEvent {

    @Override
    public EventType type() {
      return EventType.CONFIGURE;
    }
  }

  /** An event no module handles yet; it is answered, and that is all. */
  record Unhandled(EventType type, String correlationId) implements AgentEvent {}
}
