package io.sentinel.agent.wasm;

import static io.sentinel.agent.fuzz.Properties.checkEqual;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import java.io.IOException;
import java.util.List;

/** Whatever an event says: what the module is given is JSON, and says the same. */
public final class GuestInputCheck {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private GuestInputCheck() {}

  public static void check(AgentEvent event) {
    GuestInput input = new GuestInput();
    ObjectNode expected = JSON.createObjectNode();
    switch (event) {
      case AgentEvent.RequestHeaders request -> {
        input.write(request);
        expected.put("method", request.method());
        expected.put("uri", request.uri());
        expected.put("client_ip", GuestInput.bareIp(request.clientIp()));
        expected.put("correlation_id", request.correlationId());
        headers(expected, request.headers());
      }
      case AgentEvent.ResponseHeaders response -> {
        input.write(response);
        expected.put("status", response.status());
        expected.put("correlation_id", response.correlationId());
        headers(expected, response.headers());
      }
      case AgentEvent.Configure _, AgentEvent.Unhandled _ -> {
        return;
      }
    }
    JsonNode actual;
    try {
      actual = JSON.readTree(input.bytes(), 0, input.length());
    } catch (IOException e) {
      throw new AssertionError("the module is given what is no JSON", e);
    }
    checkEqual(expected, actual, "what the module is given");
  }

  private static void headers(ObjectNode into, List<Header> headers) {
    ObjectNode object = into.putObject("headers");
    headers.forEach(header -> object.put(header.name(), String.join(", ", header.values())));
  }
}
