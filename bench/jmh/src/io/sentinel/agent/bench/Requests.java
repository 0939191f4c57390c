package io.sentinel.agent.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The load generator's requests, from {@code bench/events}. Runs in the project's root. */
final class Requests {

  private Requests() {}

  /** The first request as one frame. */
  static byte[] frame(Speech speech, int headers) {
    return frame(speech, jsons("request-" + headers).getFirst());
  }

  private static byte[] frame(Speech speech, byte[] json) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec.of(speech).encode(EventType.REQUEST_HEADERS, json, out);
    return out.drain();
  }

  /** A codec that has shaken hands, where its version does. */
  static Codec codec(Speech speech) {
    Codec codec =
        Codec.of(
            speech.protocol(),
            new Capabilities("bench", Set.of(EventType.REQUEST_HEADERS), 256, false));
    ProxyCodec.of(speech)
        .greeting()
        .ifPresent(greeting -> codec.decode(only(new FrameDecoder(speech.protocol()), greeting)));
    return codec;
  }

  static AgentEvent event(int headers) {
    return events("request-" + headers).getFirst();
  }

  /** The events of a file. */
  static List<AgentEvent> events(String file) {
    return jsons(file).stream().map(json -> event(frame(Speech.V1, json))).toList();
  }

  private static AgentEvent event(byte[] frame) {
    Inbound inbound =
        codec(Speech.V1).decode(only(new FrameDecoder(Speech.V1.protocol()), frame));
    return ((Inbound.Event) inbound).event();
  }

  /** The one frame that the bytes are. */
  static FrameDecoder.Frame only(FrameDecoder decoder, byte[] bytes) {
    decoder.append(bytes, 0, bytes.length);
    FrameDecoder.Frame frame = decoder.next();
    if (frame == null) {
      throw new IllegalStateException("no whole frame in %d bytes".formatted(bytes.length));
    }
    return frame;
  }

  /** What stands in the file, one JSON text after the other. */
  private static List<byte[]> jsons(String file) {
    ObjectMapper mapper = new ObjectMapper();
    List<byte[]> jsons = new ArrayList<>();
    try (MappingIterator<JsonNode> all =
        mapper
            .readerFor(JsonNode.class)
            .readValues(Path.of("bench/events", file + ".json").toFile())) {
      while (all.hasNext()) {
        jsons.add(mapper.writeValueAsBytes(all.next()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jsons;
  }
}
