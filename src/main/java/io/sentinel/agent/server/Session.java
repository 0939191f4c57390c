package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.Call;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One connection. All of it happens on the listener's event loop. */
final class Session {

  private static final Logger LOG = Logger.getLogger(Session.class);

  private final NetSocket socket;
  private final Listening listening;
  private final WriteGuard writes;
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameBuffer out = new FrameBuffer();

  /** Exchanges that the proxy may cancel, by their correlation id. */
  private final Map<String, Exchange> cancellable = new HashMap<>();

  private @Nullable Codec codec;
  private int inFlight;
  private boolean paused;
  private boolean closed;

  /** Nothing new is awaited: what has arrived is answered, and then the connection is closed. */
  private boolean ending;

  private boolean lastLook;

  Session(NetSocket socket, Listening listening) {
    this.socket = socket;
    this.listening = listening;
    this.writes = new WriteGuard(socket, listening.timers(), this::pump, this::unread);
    socket.handler(this::received);
    socket.exceptionHandler(e -> LOG.debugf("A connection failed: %s", e.getMessage()));
    socket.closeHandler(_ -> closed());
    HalfClose.allow(socket, this::end);
  }

  Outbox outbox() {
    return listening.outbox();
  }

  /** Answers what has arrived, and closes. */
  void end() {
    ending = true;
    closeIfDone();
  }

  /** Sends what the peer did not ask for, if it takes such things. */
  void report(BiConsumer<Codec, FrameBuffer> report) {
    if (!closed && codec != null && codec.takesReports() && !writes.isBlocked()) {
      report.accept(codec, out);
      write();
    }
  }

  private void received(Buffer chunk) {
    Bytes.append(chunk, decoder);
    pump();
  }

  /** Takes up the messages that have arrived, while there may be more events under way. */
  private void pump() {
    try {
      while (!closed && mayTakeMore()) {
        FrameDecoder.Frame frame = decoder.next();
        if (frame == null) {
          break;
        }
        take(codec().decode(frame));
      }
    } catch (MalformedMessageException e) {
      malformed(e);
      return;
    }
    write();
    if (mayTakeMore()) {
      resume();
    } else if (decoder.buffered() > 0) {
      pause(); // what waits in the decoder is enough
    }
    closeIfDone();
  }

  private boolean mayTakeMore() {
    return !writes.isBlocked() && inFlight < (codec == null ? 1 : most(codec));
  }

  private int most(Codec spoken) {
    return spoken.oneAtATime() ? 1 : listening.capabilities().maxInFlight();
  }

  private Codec codec() {
    Codec spoken = codec;
    if (spoken == null) {
      spoken = Codec.of(decoder.protocol().orElseThrow(), listening.capabilities());
      codec = spoken;
    }
    return spoken;
  }

  private void take(Inbound message) {
    switch (message) {
      case Inbound.Event(var event) -> {
        inFlight++;
        Exchange exchange = new Exchange(this, event);
        if (!codec().oneAtATime()) {
          cancellable.put(event.correlationId(), exchange);
        }
        listening.dispatch().accept(exchange);
      }
      case Inbound.BadEvent(var type, var correlationId, var problem) -> {
        inFlight++;
        new Exchange(this, new AgentEvent.Unhandled(type, correlationId))
            .accept(Outcome.failed(Code.BAD_EVENT, problem));
      }
      case Inbound.Immediate(var reply) -> {
        reply.write(out);
        if (reply.isLast()) {
          write();
          close();
        }
      }
      case Inbound.Cancel(var correlationId) -> cancel(correlationId);
      case Inbound.Ignored() -> LOG.debug("Passed over a message that asks for nothing");
    }
  }

  /** Unknown and late cancellations find nothing here, and are ignored. */
  private void cancel(String correlationId) {
    Exchange exchange = cancellable.get(correlationId);
    Call call = exchange == null ? null : exchange.call();
    if (call != null) {
      listening.cancel().accept(call);
    }
  }

  /**
   * Writes the answer into the session's buffer.
   *
   * @return whether there is something to flush
   */
  boolean answer(Exchange exchange) {
    inFlight--;
    cancellable.remove(exchange.event().correlationId(), exchange);
    Outcome outcome = exchange.outcome();
    if (outcome instanceof Outcome.Failed(AgentFailure(Code code, String _))
        && code == Code.CANCELLED) {
      listening.observer().cancelled();
      return !closed;
    }
    AgentReply reply =
        switch (outcome) {
          case Outcome.Decided(AgentReply decided) -> decided;
          case Outcome.Failed(AgentFailure failure) -> {
            listening.failureLog().log(exchange.event(), failure);
            yield listening.failurePolicy().reply(failure);
          }
        };
    long took = System.nanoTime() - exchange.arrived();
    if (LOG.isDebugEnabled()) {
      LOG.debugf(
          "%s: %s after %d us [correlation_id=%s]",
          exchange.event().type().label(),
          reply.decision().kind().label(),
          took / 1_000,
          LogText.of(exchange.event().correlationId()));
    }
    listening.observer().answered(exchange.event(), reply, outcome, took);
    if (closed) {
      return false;
    }
    if (codec().oneAtATime() && took > listening.lateAfterNanos()) {
      LOG.warnf(
          "Closing a connection: its answer is %d ms late, and the proxy might take it for the"
              + " answer to its next event",
          (took - listening.lateAfterNanos()) / 1_000_000);
      close();
      return false;
    }
    codec().encode(reply, exchange.event(), out);
    return true;
  }

  /** Writes what was answered, and goes on with what waits. */
  void flush() {
    if (closed) {
      return;
    }
    write();
    if (decoder.buffered() > 0 && mayTakeMore()) {
      pump();
    } else {
      if (mayTakeMore()) {
        resume();
      }
      closeIfDone();
    }
  }

  private void write() {
    if (out.size() > 0 && !closed) {
      writes.write(Bytes.buffer(out.drain()));
      if (writes.isBlocked()) {
        pause();
      }
    }
  }

  private void malformed(MalformedMessageException e) {
    LOG.warnf(
        "Closing a connection: not a message of the protocol: %s",
        LogText.of(String.valueOf(e.getMessage())));
    listening.observer().malformed();
    write(); // what was answered before
    close();
  }

  private void unread() {
    LOG.warn("Closing a connection: its answers were not read for too long");
    close();
  }

  private void closeIfDone() {
    if (!ending || inFlight > 0 || lastLook || closed) {
      return;
    }
    // What was read while the socket was paused waits in its buffer: it comes before this look.
    lastLook = true;
    resume();
    listening.later().accept(this::closeIfIdle);
  }

  private void closeIfIdle() {
    lastLook = false;
    if (inFlight == 0) {
      close();
    }
  }

  private void pause() {
    if (!paused) {
      paused = true;
      socket.pause();
    }
  }

  private void resume() {
    if (paused) {
      paused = false;
      socket.resume();
    }
  }

  private void close() {
    if (!closed) {
      closed();
      socket.close();
    }
  }

  private void closed() {
    if (!closed) {
      closed = true;
      writes.close();
      listening.onClosed().accept(this);
    }
  }
}
