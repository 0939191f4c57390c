package io.sentinel.agent.wire.v2;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Health;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.text.PlainJson;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.EventReader;
import io.sentinel.agent.wire.FlowControl;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.JsonWriter;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.ObjectWriter;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.ReplyWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Version 2: a type byte, and a payload in the encoding that the handshake agreed upon. */
public final class V2Codec implements Codec {

  private final Capabilities capabilities;

  /** Null before the handshake. */
  private @Nullable Encoding encoding;

  public V2Codec(Capabilities capabilities) {
    this.capabilities = capabilities;
  }

  @Override
  public Inbound decode(Frame frame) {
    byte first = frame.bytes()[frame.offset()];
    MessageType type =
        MessageType.of(first)
            .orElseThrow(
                () ->
                    new MalformedMessageException(
                        "unknown message type 0x%02x".formatted(first), 0));
    Frame payload = new Frame(frame.bytes(), frame.offset() + 1, frame.length() - 1);
    Encoding spoken = encoding;
    if (spoken == null) {
      return shakeHands(type, payload);
    }
    Optional<EventType> event = type.event();
    if (event.isPresent()) {
      return event(event.get(), payload, spoken);
    }
    return switch (type) {
      case CANCEL ->
          correlationId(payload, Encoding.JSON)
              .<Inbound>map(Inbound.Cancel::new)
              .orElseGet(Inbound.Ignored::new);
      case PING -> pong(payload);
      // A second handshake, or what only an agent sends: it asks for nothing.
      default -> new Inbound.Ignored();
    };
  }

  @Override
  public void encode(AgentReply reply, AgentEvent event, FrameBuffer out) {
    Optional<String> correlationId = Optional.of(event.correlationId());
    if (encoding == Encoding.JSON) {
      out.beginFrame();
      out.write(MessageType.AGENT_RESPONSE.number());
      ReplyWriter.write(new JsonWriter(out), V2Format.VERSION, reply, event, correlationId);
      out.endFrame(Protocol.V2.maxLength());
    } else {
      write(
          MessageType.AGENT_RESPONSE,
          out,
          generator ->
              ReplyWriter.write(
                  ObjectWriter.of(generator), V2Format.VERSION, reply, event, correlationId));
    }
  }

  @Override
  public boolean oneAtATime() {
    return false;
  }

  @Override
  public boolean takesReports() {
    return encoding != null;
  }

  @Override
  public void encode(Health health, FrameBuffer out) {
    write(MessageType.HEALTH_STATUS, out, json -> ReportWriter.write(health, json));
  }

  @Override
  public void encode(MetricsReport report, Duration interval, FrameBuffer out) {
    write(MessageType.METRICS_REPORT, out, json -> ReportWriter.write(report, interval, json));
  }

  @Override
  public void encode(FlowControl flowControl, FrameBuffer out) {
    write(MessageType.FLOW_CONTROL, out, json -> ReportWriter.write(flowControl, json));
  }

  private Inbound shakeHands(MessageType type, Frame payload) {
    if (type != MessageType.HANDSHAKE_REQUEST) {
      throw new MalformedMessageException("a message of type " + type + " before the handshake", 0);
    }
    Handshake handshake =
        Handshake.answer(payload.bytes(), payload.offset(), payload.length(), capabilities);
    if (handshake.succeeded()) {
      encoding = handshake.encoding();
    }
    return new Inbound.Immediate(handshake);
  }

  private static Inbound event(EventType type, Frame payload, Encoding encoding) {
    Optional<String> problem =
        encoding.problem(payload.bytes(), payload.offset(), payload.length());
    if (problem.isPresent()) {
      // Nothing in it is to be trusted; but an id that can be read lets the proxy go on at once.
      return new Inbound.BadEvent(
          type,
          encoding == Encoding.JSON
              ? correlationId(payload, encoding).filter(V2Codec::isWhole).orElse("")
              : "",
          "the event " + problem.get());
    }
    if (encoding == Encoding.JSON) {
      try {
        PlainJson in = new PlainJson(payload.bytes(), payload.offset(), payload.length());
        AgentEvent event = EventReader.read(type, in);
        in.end();
        return new Inbound.Event(event);
      } catch (PlainJson.Unusual e) {
        // the general reader knows it, or knows what is wrong
      }
    }
    try (JsonParser in =
        encoding.factory().createParser(payload.bytes(), payload.offset(), payload.length())) {
      in.nextToken();
      AgentEvent event = EventReader.read(type, in, encoding.dialect());
      // Of MessagePack it is known by now, and its parser cannot be asked.
      if (encoding == Encoding.JSON && in.nextToken() != null) {
        throw new MalformedMessageException("something follows the event", 0);
      }
      return new Inbound.Event(event);
    } catch (MalformedMessageException | JacksonException e) {
      return new Inbound.BadEvent(
          type, correlationId(payload, encoding).orElse(""), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Inbound.BadEvent(type, "", String.valueOf(e.getMessage()));
    }
  }

  /** The first id that can be read, at the top or in the metadata. */
  private static Optional<String> correlationId(Frame payload, Encoding encoding) {
    try (JsonParser in =
        encoding.factory().createParser(payload.bytes(), payload.offset(), payload.length())) {
      int depth = 0;
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token == JsonToken.FIELD_NAME
            && depth <= 2
            && V2Format.CORRELATION_ID.equals(in.currentName())
            && in.nextToken() == JsonToken.VALUE_STRING) {
          return Optional.of(in.getText());
        }
      }
    } catch (IOException e) {
      // as far as it could be read, there was none
    }
    return Optional.empty();
  }

  /** Whether an answer can carry the id: half a surrogate pair is what no peer could read. */
  private static boolean isWhole(String id) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(id);
  }

  private static Inbound pong(Frame payload) {
    if (payload.length() > V2Format.MAX_PING_BYTES) {
      throw new MalformedMessageException(
          "a ping of %d bytes, where %d is the limit"
              .formatted(payload.length(), V2Format.MAX_PING_BYTES),
          0);
    }
    return new Inbound.Immediate(
        new Pong(
            Arrays.copyOfRange(
                payload.bytes(), payload.offset(), payload.offset() + payload.length())));
  }

  private void write(MessageType type, FrameBuffer out, Content content) {
    Encoding spoken = encoding == null ? Encoding.JSON : encoding;
    out.beginFrame();
    out.write(type.number());
    try (JsonGenerator json = spoken.factory().createGenerator(out)) {
      content.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the generator writes to memory
    }
    out.endFrame(Protocol.V2.maxLength());
  }

  private interface Content {
    void write(JsonGenerator out) throws IOException;
  }
}
