package io.sentinel.agent.ops;

import static io.restassured.RestAssured.get;
import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.sentinel.agent.Guests;
import io.sentinel.agent.cli.Agent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Health and metrics over HTTP, from before the agent serves to after. */
@QuarkusTest
@TestProfile(AdminPortTest.Puppet.class)
class AdminPortTest {

  private static final Path SOCKET = Path.of("target/admin-port-test.sock");

  @Inject Agent agent;

  public static final class Puppet implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "wasm.module",
          Guests.PUPPET.toString(),
          "wasm.pool-size",
          "3",
          "wasm.timeout",
          "10s",
          "agent.socket",
          SOCKET.toString());
    }
  }

  @Test
  void healthAndMetricsTellWhatTheAgentDoes() throws IOException {
    get("/q/health/live").then().statusCode(200);
    get("/q/health/ready").then().statusCode(503).body("status", equalTo("DOWN"));

    agent.start();
    try {
      get("/q/health/ready")
          .then()
          .statusCode(200)
          .body("checks.name", hasItem("pool"))
          .body("checks.data.slots", hasItem(3))
          .body("checks.data.ready", hasItem(3));
      try (AgentClient client = AgentClient.connect(SOCKET, Speech.V1)) {
        assertEquals(AgentReply.allow(), ask(client, request("/")).reply());
        ask(client, request("/trap"));
      }
      get("/q/metrics")
          .then()
          .statusCode(200)
          .body(
              containsString(
                  "sentinel_events_total{decision=\"allow\",event=\"request_headers\"} 1.0"))
          .body(
              containsString(
                  "sentinel_events_total{decision=\"block\",event=\"request_headers\"} 1.0"))
          .body(containsString("sentinel_module_errors_total{code=\"trap\"} 1.0"))
          .body(containsString("sentinel_instances_discarded_total{reason=\"trap\"} 1.0"))
          .body(containsString("sentinel_call_time_seconds_count 1"))
          .body(containsString("sentinel_queue_time_seconds_count 1"))
          .body(containsString("sentinel_slots 3.0"))
          .body(containsString("sentinel_slots_busy 0.0"));
    } finally {
      agent.stop();
    }
    get("/q/health/ready").then().statusCode(503);
  }
}
