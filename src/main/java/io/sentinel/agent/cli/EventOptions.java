package io.sentinel.agent.cli;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that make up an event, for all commands that take one. */
final class EventOptions {

  @Option(
      names = "--event",
      paramLabel = "NAME",
      defaultValue = "request_headers",
      description =
          "request_headers (default), response_headers, configure, request_body_chunk,"
              + " response_body_chunk, request_complete, web_socket_frame or guardrail_inspect")
  private String event = "";

  @Option(names = "--uri", paramLabel = "URI", defaultValue = "/", description = "default /")
  private String uri = "";

  @Option(names = "--method", paramLabel = "M", defaultValue = "GET", description = "default GET")
  private String method = "";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "a header; may be given more than once; the name is sent in lower case")
  private List<String> headers = List.of();

  @Option(
      names = "--status",
      paramLabel = "N",
      defaultValue = "200",
      description = "of a response (default 200)")
  private int status;

  @Option(
      names = "--client-ip",
      paramLabel = "IP",
      defaultValue = "127.0.0.1",
      description = "default 127.0.0.1")
  private String clientIp = "";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  EventType type() {
    String name = event.toLowerCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(EventType.values())
        .filter(t -> t.label().equals(name))
        .findFirst()
        .orElseThrow(() -> usage("unknown event \"" + event + "\""));
  }

  /** The event that the options say, with an id of its own. */
  AgentEvent event() {
    EventType type = type();
    String id = UUID.randomUUID().toString();
    return switch (type) {
      case REQUEST_HEADERS ->
          new AgentEvent.RequestHeaders(id, method, uri, clientIp, Optional.empty(), headerList());
      case RESPONSE_HEADERS -> new AgentEvent.ResponseHeaders(id, status, headerList());
      case CONFIGURE -> new AgentEvent.Configure(id, Map.of());
      case REQUEST_BODY_CHUNK,
          RESPONSE_BODY_CHUNK,
          REQUEST_COMPLETE,
          WEBSOCKET_FRAME,
          GUARDRAIL_INSPECT ->
          new AgentEvent.Unhandled(type, id);
    };
  }

  private List<Header> headerList() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String header : headers) {
      int colon = header.indexOf(':', 1); // :method and :path begin with one
      if (colon < 0) {
        throw usage("a header is written 'name: value', not \"" + header + "\"");
      }
      values
          .computeIfAbsent(
              header.substring(0, colon).strip().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(header.substring(colon + 1).strip());
    }
    return values.entrySet().stream().map(e -> new Header(e.getKey(), e.getValue())).toList();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
