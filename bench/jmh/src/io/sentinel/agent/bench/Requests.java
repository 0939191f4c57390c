package io.sentinel.agent.bench;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The load generator's first request, from {@code bench/events}. Runs in the project's root. */
final class Requests {

  private Requests() {}

  /** The request as one frame. */
  static byte[] frame(Speech speech, int headers) {
    FrameBuffer out = new FrameBuffer();
    ProxyCodec.of(speech).encode(EventType.REQUEST_HEADERS, json(headers), out);
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
    byte[] frame = frame(Speech.V1, headers);
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

  private static byte[] json(int headers) {
    try {
      return Files.readAllBytes(Path.of("bench/events/request-%d.json".formatted(headers)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
