package io.sentinel.agent.cli;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.wire.Capabilities;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Protocol;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Goes the way of a request, before the first real one does: through the socket, the codecs, the
 * event bus and the slots, so that their classes are loaded and their code is warm. Only events
 * that no module has a handler for are sent, so no instance sees any of it.
 */
final class Rehearsal {

  private static final Logger LOG = Logger.getLogger(Rehearsal.class);

  private static final int ROUNDS = 400;
  private static final long LIMIT_NANOS = 300_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final AgentEvent UNHANDLED =
      new AgentEvent.Unhandled(EventType.REQUEST_COMPLETE, "rehearsal");

  private static final AgentEvent REQUEST =
      new AgentEvent.RequestHeaders(
          "rehearsal",
          "GET",
          "/catalog/items?page=2",
          "192.0.2.7:40412",
          Optional.empty(),
          List.of(
              new Header("host", List.of("shop.example.com")),
              new Header("user-agent", List.of("curl/8.9")),
              new Header("accept", List.of("text/html", "*/*"))));

  private final GuestPool pool;
  private final Path socket;
  private final long end = System.nanoTime() + LIMIT_NANOS;

  Rehearsal(GuestPool pool, Path socket) {
    this.pool = pool;
    this.socket = socket;
  }

  /** What goes wrong here is only worth a line: real events will show it. */
  void run() {
    try {
      slots();
      codec(Protocol.V1, Speech.V1);
      socket(Speech.V1);
      socket(Speech.V2_JSON);
    } catch (IOException | RuntimeException e) {
      LOG.debugf("The rehearsal ended early: %s", e);
    }
  }

  private boolean goesOn(int round) {
    return round < ROUNDS && System.nanoTime() - end < 0;
  }

  private void slots() {
    for (int i = 0; goesOn(i); i++) {
      CompletableFuture<Object> done = new CompletableFuture<>();
      pool.submit(UNHANDLED, done::complete);
      done.join();
    }
  }

  private void codec(Protocol protocol, Speech speech) {
    FrameBuffer out = new FrameBuffer();
    Codec codec = Codec.of(protocol, new Capabilities("", Set.of(), 1, false));
    ProxyCodec proxy = ProxyCodec.of(speech);
    for (int i = 0; goesOn(i); i++) {
      proxy.encode(REQUEST.type(), EventWriter.write(REQUEST), out);
      FrameDecoder decoder = new FrameDecoder();
      byte[] frame = out.drain();
      decoder.append(frame, 0, frame.length);
      FrameDecoder.Frame whole = decoder.next();
      if (whole != null) {
        codec.decode(whole);
        codec.encode(AgentReply.allow(), REQUEST, out);
        out.drain();
      }
    }
  }

  private void socket(Speech speech) throws IOException {
    try (AgentClient client = AgentClient.connect(socket, speech)) {
      byte[] payload = EventWriter.write(UNHANDLED);
      for (int i = 0; goesOn(i); i++) {
        client.ask(UNHANDLED.type(), payload, PATIENCE);
      }
    }
  }
}
