package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One connection. All of it happens on the listener's event loop. */
final class Session {

  private static final Logger LOG = Logger.getLogger(Session.class);

  private final NetSocket socket;
  private final Listening listening;
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameBuffer out = new FrameBuffer();
  private @Nullable Codec codec;
  private int inFlight;
  private boolean paused;
  private boolean closed;

  /** Nothing new is awaited: what has arrived is answered, and then the connection is closed. */
  private boolean ending;

  private boolean lastLook;

  /**
   * What the sessions of one listener share.
   *
   * @param dispatch hands an exchange to the event bus
   * @param later runs something on the event loop, after what waits there
   * @param lateAfterNanos from arrival to the moment from which an answer is not written any more,
   *     on a connection that carries one event at a time
   */
  record Listening(
      Outbox outbox,
      Consumer<Exchange> dispatch,
      FailurePolicy failurePolicy,
      FailureLog failureLog,
      ServerObserver observer,
      long lateAfterNanos,
      Consumer<Runnable> later,
      Consumer<Session> onClosed) {}

  Session(NetSocket socket, Listening listening) {
    this.socket = socket;
    this.listening = listening;
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

  private void received(Buffer chunk) {
    Bytes.append(chunk, decoder);
    pump();
  }

  /** Takes up the events that have arrived, as many as may be under way at once. */
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
    if (mayTakeMore()) {
      resume();
    } else if (decoder.buffered() > 0) {
      pause(); // what waits in the decoder is enough
    }
    closeIfDone();
  }

  private boolean mayTakeMore() {
    return inFlight == 0;
  }

  private Codec codec() {
    Codec spoken = codec;
    if (spoken == null) {
      spoken = Codec.of(decoder.protocol().orElseThrow());
      codec = spoken;
    }
    return spoken;
  }

  private void take(Inbound message) {
    switch (message) {
      case Inbound.Event(var event) -> {
        inFlight++;
        listening.dispatch().accept(new Exchange(this, event));
      }
    }
  }

  /**
   * Writes the answer into the session's buffer.
   *
   * @return whether there is something to flush
   */
  boolean answer(Exchange exchange) {
    inFlight--;
    Outcome outcome = exchange.outcome();
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
    if (out.size() > 0) {
      socket.write(Bytes.buffer(out.drain()));
    }
    if (decoder.buffered() > 0 && mayTakeMore()) {
      pump();
    } else {
      resume();
      closeIfDone();
    }
  }

  private void malformed(MalformedMessageException e) {
    LOG.warnf(
        "Closing a connection: not a message of the protocol: %s",
        LogText.of(String.valueOf(e.getMessage())));
    listening.observer().malformed();
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
      closed = true;
      socket.close();
      listening.onClosed().accept(this);
    }
  }

  private void closed() {
    if (!closed) {
      closed = true;
      listening.onClosed().accept(this);
    }
  }
}
