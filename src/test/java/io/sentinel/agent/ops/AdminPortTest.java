package io.sentinel.agent.ops;

import static io.restassured.RestAssured.get;
import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static io.sentinel.agent.Events.response;
import static io.sentinel.agent.Events.result;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.exemplars.ExemplarSampler;
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
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Health and metrics over HTTP, from before the agent serves to after. */
@QuarkusTest
@TestProfile(AdminPortTest.Puppet.class)
class AdminPortTest {

  private static final Path SOCKET = Path.of("target/admin-port-test.sock");

  @Inject Agent agent;
  @Inject Optional<ExemplarSampler> exemplars;

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
  void countersDoNotAskForTheCurrentSpan() {
    assertTrue(exemplars.isEmpty());
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
        result(
            client,
            """
            {"decision":"allow","add_request_headers":{"host":"x","x-a":"1"},\
            "remove_request_headers":["te",":path"]}""");
      }
      try (AgentClient client = AgentClient.connect(SOCKET, Speech.V2_MESSAGE_PACK)) {
        ask(client, response(200));
      }
      Scrape scrape = new Scrape(get("/q/metrics").asString());
      String puppet = "module=\"puppet.wasm\"";
      String requests = "event=\"request_headers\"," + puppet;
      String responses = "event=\"response_headers\"," + puppet;
      assertEquals(2, scrape.value("sentinel_events_total{decision=\"allow\"," + requests + "}"));
      assertEquals(1, scrape.value("sentinel_events_total{decision=\"block\"," + requests + "}"));
      assertEquals(1, scrape.value("sentinel_events_total{decision=\"allow\"," + responses + "}"));
      assertEquals(1, scrape.value("sentinel_module_errors_total{code=\"trap\"," + requests + "}"));
      assertEquals(
          0, scrape.value("sentinel_module_errors_total{code=\"trap\"," + responses + "}"));
      assertEquals(0, scrape.value("sentinel_events_failed_open_total{" + requests + "}"));
      assertEquals(3, scrape.value("sentinel_header_operations_rejected_total{" + requests + "}"));
      assertEquals(0, scrape.value("sentinel_messages_ignored_total"));
      assertEquals(2, scrape.value("sentinel_call_time_seconds_count{" + requests + "}"));
      assertEquals(1, scrape.value("sentinel_queue_time_seconds_count{" + responses + "}"));
      assertEquals(
          1, scrape.value("sentinel_instances_discarded_total{" + puppet + ",reason=\"trap\"}"));
      assertEquals(4, scrape.value("sentinel_instances_made_total{" + puppet + "}"));
      assertEquals(1, scrape.value("sentinel_connections_accepted_total{protocol=\"1\"}"));
      assertEquals(1, scrape.value("sentinel_connections_accepted_total{protocol=\"2\"}"));
      // Three events of version 1; the handshake and one event of version 2.
      assertEquals(5, scrape.value("sentinel_received_frames_total"));
      assertEquals(5, scrape.value("sentinel_sent_frames_total"));
      assertTrue(scrape.value("sentinel_received_bytes_total") > 500);
      assertTrue(scrape.value("sentinel_sent_bytes_total") > 500);
      assertEquals(3, scrape.value("sentinel_slots"));
      assertEquals(3, scrape.value("sentinel_slots_ready"));
      assertEquals(0, scrape.value("sentinel_slots_busy"));
      assertEquals(1_024, scrape.value("sentinel_queue_capacity"));
      assertEquals(10, scrape.value("sentinel_timeout_seconds"));
      double memory = scrape.value("sentinel_guest_memory_bytes{" + puppet + "}");
      assertTrue(memory >= 3 * 65_536 && memory % 65_536 == 0, "memory of " + memory);
      assertEquals(1, scrape.value("sentinel_ready"));
    } finally {
      agent.stop();
    }
    get("/q/health/ready").then().statusCode(503);
    Scrape stopped = new Scrape(get("/q/metrics").asString());
    assertEquals(0, stopped.value("sentinel_ready"));
    assertEquals(
        3,
        stopped.value(
            "sentinel_instances_discarded_total{module=\"puppet.wasm\",reason=\"retired\"}"));
  }
}
