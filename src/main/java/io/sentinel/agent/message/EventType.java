package io.sentinel.agent.message;

/** The eight events of a request's life, in the order of their numbers in version 2's handshake. */
public enum EventType {
  CONFIGURE("configure"),
  REQUEST_HEADERS("request_headers"),
  REQUEST_BODY_CHUNK("request_body_chunk"),
  RESPONSE_HEADERS("response_headers"),
  RESPONSE_BODY_CHUNK("response_body_chunk"),
  REQUEST_COMPLETE("request_complete"),
  WEBSOCKET_FRAME("web_socket_frame"),
  GUARDRAIL_INSPECT("guardrail_inspect");

  private final String label;

  EventType(String label) {
    this.label = label;
  }

  /** The name version 1 writes as {@code event_type}; also the label in metrics and logs. */
  public String label() {
    return label;
  }
}
