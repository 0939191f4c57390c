package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.wire.Codec;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.Inbound;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.Protocol;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.TimeUnit;
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

  private final UnderWay underWay;
  private @Nullable Codec codec;
  private long heldBytes;

  /** When what is taken up now arrived. */
  private long arrival;

  /** Since when a frame has been incomplete while it was read, or 0. */
  private long frameBegan;

  private boolean paused;

  /** Nothing more is read or answered; what was written may still be unsent. */
  private boolean closed;

  /** Nothing new is awaited: what has arrived is answered, and then the connection is closed. */
  private boolean ending;

  private boolean stopped;
  private boolean lastLook;

  Session(NetSocket socket, Listening listening) {
    this.socket = socket;
    this.listening = listening;
    this.underWay = new UnderWay(listening.cancel());
    this.writes =
        new WriteGuard(
            socket, listening.unreadTimeout(), listening.timers(), this::pump, this::unread);
    socket.handler(this::received);
    socket.exceptionHandler(e -> LOG.debugf("A connection failed: %s", e.getMessage()));
    socket.closeHandler(_ -> peerClosed());
    HalfClose.allow(socket, this::peerEnded);
  }

  Outbox outbox() {
    return listening.outbox();
  }

  /** Answers what has arrived, and closes. */
  void end() {
    ending = true;
    closeIfDone();
  }

  /** Takes up nothing more: a peer that goes on asking would not come to an end. */
  void stopReading() {
    stopped = true;
    pause();
    closeIfDone();
  }

  /** What the agent keeps of this peer's: frames that wait, events under way, unsent answers. */
  long heldBytes() {
    return heldBytes;
  }

  /** For how long the peer has been at the frame that is being read, in nanoseconds. */
  long frameAge(long now) {
    return frameBegan == 0 ? 0 : now - frameBegan;
  }

  /** Gives the connection up. */
  void drop(DropReason reason, String why) {
    if (closed) {
      writes.abort(); // it is closing, and does not read
      account();
    } else {
      listening.eventLog().dropped(why);
      giveUp(reason);
    }
  }

  private void giveUp(DropReason reason) {
    listening.observer().connectionDropped(reason);
    if (reason != DropReason.MALFORMED) { // there, what came before it is answered
      writes.abort();
    }
    close();
  }

  /** Sends what the peer did not ask for, if it takes such things. */
  void report(BiConsumer<Codec, FrameBuffer> report) {
    if (!closed && codec != null && codec.takesReports() && !writes.isBlocked()) {
      try {
        report.accept(codec, out);
        write();
      } catch (Throwable e) { // half a frame may stand in the buffer
        fault(e);
      }
    }
  }

  private void received(Buffer chunk) {
    try {
      arrival = arrivalOfWhatIsRead();
      listening.observer().bytesReceived(chunk.length());
      Bytes.append(chunk, decoder);
      takeUp();
    } catch (Throwable e) { // bytes may be missing now, of which the next ones would make no sense
      fault(e);
    }
  }

  /** Now, but for what may have waited in the system until no answer to it can be in time. */
  private long arrivalOfWhatIsRead() {
    long now = System.nanoTime();
    long earliest = listening.pulse().arrival(now);
    return now - earliest > listening.lateAfterNanos() ? earliest : now;
  }

  /** Goes on with what has arrived. */
  private void pump() {
    try {
      arrival = System.nanoTime(); // what waited here did so for answers to be read
      takeUp();
    } catch (Throwable e) {
      fault(e);
    }
  }

  /** Takes up the messages that have arrived, while there may be more events under way. */
  private void takeUp() {
    boolean taken = false;
    try {
      while (!closed && mayTakeMore()) {
        FrameDecoder.Frame frame = decoder.next();
        if (frame == null) {
          break;
        }
        taken = true;
        listening.observer().frameReceived();
        take(codec().decode(frame), frame.length());
      }
    } catch (MalformedMessageException e) {
      malformed(e);
      return;
    }
    if (decoder.buffered() == 0) {
      decoder.clear(); // of what was taken nothing has to be kept
    }
    write();
    watchFrame(taken);
    account();
    if (closed) {
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
    return !stopped
        && !writes.isBlocked()
        && underWay.count() < (codec == null ? 1 : most(codec))
        && underWay.bytes() < IntakeGuard.UNDER_WAY_BYTES;
  }

  /** Starts, goes on with or ends the time that the peer has for the frame that is being read. */
  private void watchFrame(boolean newFrame) {
    if (closed || decoder.buffered() == 0 || !mayTakeMore()) {
      frameBegan = 0;
    } else if (newFrame || frameBegan == 0) {
      frameBegan = System.nanoTime();
    }
  }

  /** Tells what is kept of this peer's by now. */
  void account() {
    long more = weigh();
    if (more != 0) {
      listening.intake().changed(more);
    }
  }

  /** Looks what is kept of this peer's by now; returns how much more that is than before. */
  long weigh() {
    long before = heldBytes;
    heldBytes = writes.unsentBytes() + (closed ? 0 : decoder.heldBytes() + underWay.bytes());
    return heldBytes - before;
  }

  private int most(Codec spoken) {
    return spoken.oneAtATime() ? 1 : listening.maxInFlight();
  }

  private Codec codec() {
    Codec spoken = codec;
    if (spoken == null) {
      Protocol protocol = decoder.protocol().orElseThrow();
      listening.observer().connectionSpeaks(protocol.version());
      spoken = Codec.of(protocol, listening.capabilities().get());
      codec = spoken;
    }
    return spoken;
  }

  private void take(Inbound message, int frameBytes) {
    switch (message) {
      case Inbound.Event(var event) -> {
        Exchange exchange = begin(event, frameBytes);
        if (!codec().oneAtATime()) {
          underWay.makeCancellable(exchange);
        }
        listening.dispatch().accept(exchange);
      }
      case Inbound.BadEvent(var type, var correlationId, var problem) -> {
        begin(new AgentEvent.Unhandled(type, correlationId), frameBytes)
            .accept(Outcome.failed(Code.BAD_EVENT, problem));
      }
      case Inbound.Immediate(var reply) -> {
        reply.write(out);
        if (reply.isLast()) {
          write();
          close();
        }
      }
      case Inbound.Cancel(var correlationId) -> underWay.cancel(correlationId);
      case Inbound.Ignored() -> {
        listening.observer().messageIgnored();
        LOG.debug("Passed over a message that asks for nothing");
      }
    }
  }

  private Exchange begin(AgentEvent event, int frameBytes) {
    Exchange exchange = new Exchange(this, event, frameBytes, arrival);
    outbox().expect();
    underWay.add(exchange);
    return exchange;
  }

  /**
   * Writes the answer into the session's buffer.
   *
   * @return whether there is something to flush
   */
  boolean answer(Exchange exchange) {
    underWay.remove(exchange);
    if (closed) {
      listening.intake().left(exchange.frameBytes());
    } else {
      account();
    }
    Outcome outcome = exchange.outcome();
    if (outcome instanceof Outcome.Failed(AgentFailure(Code code, String _))
        && code == Code.CANCELLED) {
      listening.observer().cancelled();
      listening
          .eventLog()
          .ended(exchange.event(), code.label(), System.nanoTime() - exchange.arrived());
      return !closed;
    }
    AgentReply reply =
        switch (outcome) {
          case Outcome.Decided(AgentReply decided) -> decided;
          case Outcome.Failed(AgentFailure failure) -> {
            listening.eventLog().failed(exchange.event(), failure);
            yield listening.failurePolicy().reply(failure);
          }
        };
    long took = System.nanoTime() - exchange.arrived();
    listening.eventLog().ended(exchange.event(), reply.decision().kind().label(), took);
    listening.observer().answered(exchange.event(), reply, outcome, took);
    if (closed) {
      return false;
    }
    if (codec().oneAtATime() && took > listening.lateAfterNanos()) {
      long late = took - listening.lateAfterNanos();
      listening.eventLog().late(exchange.event(), TimeUnit.NANOSECONDS.toMillis(late));
      giveUp(DropReason.LATE);
      return false;
    }
    codec().encode(reply, exchange.event(), out);
    if (out.size() > WriteGuard.MOST_UNREAD_BYTES) {
      write(); // many large answers may have ended at once
    }
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
      listening.observer().sent(out.frames(), out.size());
      writes.write(out);
      account();
      if (writes.isBlocked() && !closed) {
        pause();
      }
    }
  }

  private void malformed(MalformedMessageException e) {
    write(); // what was answered before
    drop(DropReason.MALFORMED, "not a message of the protocol: " + e.getMessage());
  }

  /** What was lost with it, nobody knows: the peer is to see an error and not to wait. */
  void fault(Throwable e) {
    boolean open = !closed;
    writes.abort();
    close(); // first: what it gives back may be what was missing
    if (open) {
      listening.observer().connectionDropped(DropReason.FAULT);
    }
    listening.eventLog().fault(e);
  }

  private void unread(String why) {
    drop(DropReason.UNREAD, why);
  }

  private void peerEnded() {
    sayIfTruncated();
    end();
  }

  private void peerClosed() {
    sayIfTruncated();
    closed();
    account();
    writes.closed();
    listening.onClosed().accept(this);
  }

  private void sayIfTruncated() {
    if (!closed && frameBegan != 0) {
      frameBegan = 0;
      listening.eventLog().dropped("its peer ended in the middle of a frame");
      listening.observer().connectionDropped(DropReason.TRUNCATED);
    }
  }

  private void closeIfDone() {
    if (!ending || isBusy() || lastLook || closed) {
      return;
    }
    // What was read while the socket was paused waits in its buffer: it comes before this look.
    lastLook = true;
    resume();
    listening.later().accept(this::closeIfIdle);
  }

  private void closeIfIdle() {
    lastLook = false;
    if (!isBusy()) {
      close();
    }
  }

  /** Whether something is to be answered, or may be taken up when answers have been read. */
  private boolean isBusy() {
    return underWay.count() > 0 || writes.isBlocked();
  }

  private void pause() {
    if (!paused) {
      paused = true;
      frameBegan = 0; // nothing more of it can come now
      socket.pause();
    }
  }

  private void resume() {
    if (paused && !stopped) {
      paused = false;
      socket.resume();
    }
  }

  private void close() {
    if (!closed) {
      closed();
      writes.end();
      account();
    }
  }

  private void closed() {
    if (!closed) {
      closed = true;
      frameBegan = 0;
      listening.intake().closed(heldBytes, underWay.bytes());
      heldBytes = 0;
      decoder.clear();
      underWay.cancelAll();
    }
  }
}
