package io.sentinel.agent.wire.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Health;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.text.PlainJson;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.Dialect;
import io.sentinel.agent.wire.EventReader;
import io.sentinel.agent.wire.FlowControl;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.Json;
import io.sentinel.agent.wire.JsonWriter;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.ReplyWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Version 1: one JSON object for an event, one for its answer. */
public final class V1Codec implements Codec {

  private static final byte[] VERSION_NAME = V1Format.VERSION_FIELD.getBytes(UTF_8);
  private static final byte[] EVENT_TYPE_NAME = V1Format.EVENT_TYPE_FIELD.getBytes(UTF_8);
  private static final byte[] PAYLOAD_NAME = V1Format.PAYLOAD_FIELD.getBytes(UTF_8);

  @Override
  public Inbound decode(Frame frame) {
    JsonText.problem(frame.bytes(), frame.offset(), frame.length())
        .ifPresent(
            problem -> {
              throw new MalformedMessageException("the event " + problem, 0);
            });
    try {
      return new Inbound.Event(plain(new PlainJson(frame.bytes(), frame.offset(), frame.length())));
    } catch (PlainJson.Unusual e) {
      return new Inbound.Event(general(frame));
    }
  }

  /** Reads an event of any kind, and says of one that is none what is wrong. */
  static AgentEvent general(Frame frame) {
    try (JsonParser in =
        Json.factory().createParser(frame.bytes(), frame.offset(), frame.length())) {
      in.nextToken();
      AgentEvent event = envelope(in, frame);
      if (in.nextToken() != null) {
        throw malformed("something follows the event", in);
      }
      return event;
    } catch (JacksonException e) {
      throw new MalformedMessageException(
          requireNonNull(e.getOriginalMessage()),
          e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the parser reads from memory
    }
  }

  @Override
  public void encode(AgentReply reply, AgentEvent event, FrameBuffer out) {
    out.beginFrame();
    ReplyWriter.write(new JsonWriter(out), V1Format.VERSION, reply, event, Optional.empty());
    out.endFrame(Protocol.V1.maxLength());
  }

  @Override
  public boolean oneAtATime() {
    return true;
  }

  @Override
  public boolean takesReports() {
    return false;
  }

  @Override
  public void encode(Health health, FrameBuffer out) {
    throw noReports();
  }

  @Override
  public void encode(MetricsReport report, Duration interval, FrameBuffer out) {
    throw noReports();
  }

  @Override
  public void encode(FlowControl flowControl, FrameBuffer out) {
    throw noReports();
  }

  private static UnsupportedOperationException noReports() {
    return new UnsupportedOperationException("version 1 has no reports");
  }

  /** The three fields, and no other, with the type before the payload. */
  static AgentEvent plain(PlainJson in) {
    boolean versioned = false;
    EventType type = null;
    AgentEvent event = null;
    in.beginObject();
    while (in.nextField()) {
      if (!versioned && in.nameIs(VERSION_NAME)) {
        if (in.integer(V1Format.VERSION) != V1Format.VERSION) {
          throw PlainJson.unusual();
        }
        versioned = true;
      } else if (type == null && in.nameIs(EVENT_TYPE_NAME)) {
        type = V1Format.type(in.string()).orElseThrow(PlainJson::unusual);
      } else if (type != null && event == null && in.nameIs(PAYLOAD_NAME)) {
        event = EventReader.read(type, in);
      } else {
        throw PlainJson.unusual();
      }
    }
    in.end();
    if (!versioned || event == null) {
      throw PlainJson.unusual();
    }
    return event;
  }

  private static AgentEvent envelope(JsonParser in, Frame frame) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw malformed("expected an object", in);
    }
    boolean versioned = false;
    EventType type = null;
    AgentEvent event = null;
    long payloadStart = -1;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String field = in.currentName();
      in.nextToken();
      switch (field) {
        case V1Format.VERSION_FIELD -> {
          checkVersion(in);
          versioned = true;
        }
        case V1Format.EVENT_TYPE_FIELD -> type = type(in);
        case V1Format.PAYLOAD_FIELD -> {
          if (type == null) {
            payloadStart = in.currentTokenLocation().getByteOffset();
            in.skipChildren();
          } else {
            event = EventReader.read(type, in, Dialect.JSON);
          }
        }
        default -> in.skipChildren();
      }
    }
    if (!versioned) {
      throw malformed("version is missing", in);
    }
    if (type == null) {
      throw malformed("event_type is missing", in);
    }
    if (event == null && payloadStart >= 0) {
      event = payloadAt(frame, payloadStart, type);
    }
    return present(event, in);
  }

  /**
   * The payload stood before the event's type: it is read once more, now that the type is known.
   */
  private static AgentEvent payloadAt(Frame frame, long start, EventType type) throws IOException {
    int skipped = (int) start;
    try (JsonParser in =
        Json.factory()
            .createParser(frame.bytes(), frame.offset() + skipped, frame.length() - skipped)) {
      in.nextToken();
      return EventReader.read(type, in, Dialect.JSON);
    }
  }

  private static AgentEvent present(@Nullable AgentEvent event, JsonParser in) {
    if (event == null) {
      throw malformed("payload is missing", in);
    }
    return event;
  }

  private static void checkVersion(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_NUMBER_INT
        || in.getNumberType() != JsonParser.NumberType.INT
        || in.getIntValue() != V1Format.VERSION) {
      throw malformed("version is " + in.getText() + ", not " + V1Format.VERSION, in);
    }
  }

  private static EventType type(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw malformed("event_type is no string", in);
    }
    String name = in.getText();
    return V1Format.type(name).orElseThrow(() -> malformed("unknown event_type " + name, in));
  }

  private static MalformedMessageException malformed(String message, JsonParser in) {
    return new MalformedMessageException(message, in.currentLocation().getByteOffset());
  }
}
