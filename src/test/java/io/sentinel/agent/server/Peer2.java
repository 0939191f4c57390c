package io.sentinel.agent.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.RawPeer;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.wire.EventWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** A peer that speaks version 2 in JSON, frame by frame. */
final class Peer2 implements AutoCloseable {

  static final int HANDSHAKE = 0x01;
  static final int REQUEST_HEADERS = 0x10;
  static final int AGENT_RESPONSE = 0x20;
  static final int HEALTH_STATUS = 0x30;
  static final int METRICS_REPORT = 0x31;
  static final int FLOW_CONTROL = 0x33;
  static final int CANCEL = 0x40;
  static final int PING = 0x41;
  static final int PONG = 0x42;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RawPeer raw;

  /** A message from the agent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Message(int type, byte[] payload) {

    JsonNode json() {
      try {
        return JSON.readTree(payload);
      } catch (IOException e) {
        throw new AssertionError(new String(payload, UTF_8), e);
      }
    }

    String correlationId() {
      return json().at("/audit/custom/correlation_id").asText();
    }

    String reason() {
      return json().at("/audit/reason_codes/0").asText();
    }
  }

  private Peer2(RawPeer raw) {
    this.raw = raw;
  }

  /** Connects, without a handshake. */
  static Peer2 connect(Path socket) throws IOException {
    return new Peer2(RawPeer.connect(socket));
  }

  /** Connects and shakes hands. */
  static Peer2 greet(Path socket) throws IOException {
    Peer2 peer = connect(socket);
    peer.send(HANDSHAKE, "{\"supported_versions\":[2],\"supported_encodings\":[\"json\"]}");
    Message answer = peer.read();
    if (!answer.json().path("success").asBoolean()) {
      throw new AssertionError(answer.json().toString());
    }
    return peer;
  }

  RawPeer raw() {
    return raw;
  }

  void send(int type, String payload) throws IOException {
    raw.write(frame(type, payload.getBytes(UTF_8)));
  }

  void ask(AgentEvent.RequestHeaders event) throws IOException {
    raw.write(frame(REQUEST_HEADERS, EventWriter.write(event)));
  }

  void cancel(String correlationId) throws IOException {
    send(
        CANCEL,
        "{\"correlation_id\":\"%s\",\"reason\":1,\"timestamp_ms\":1}".formatted(correlationId));
  }

  Message read() throws IOException {
    return message(raw.readFrame());
  }

  static Message message(byte[] frame) {
    return new Message(frame[0], Arrays.copyOfRange(frame, 1, frame.length));
  }

  /** The next message of a type; others are passed over. */
  Message read(int type) throws IOException {
    Message message = read();
    while (message.type() != type) {
      message = read();
    }
    return message;
  }

  static byte[] frame(int type, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(4).putInt(payload.length + 1).array());
    out.write(type);
    out.writeBytes(payload);
    return out.toByteArray();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
