package io.sentinel.agent.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.sentinel.agent.wire.FrameBuffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The writing side of a connection. A peer that does not read its answers is not read from either;
 * after a while, or when what is under way has come to too much, it is given up.
 */
final class WriteGuard {

  /** With more than this unsent, nothing further is taken from the peer. */
  static final int MOST_UNREAD_BYTES = 256 * 1024;

  /** What the events that were under way by then may still come to. */
  private static final long MOST_UNSENT_BYTES = 16L << 20;

  private final NetSocketInternal socket;
  private final ChannelHandlerContext context;
  private final Duration patience;
  private final LongFunction<Function<Runnable, Runnable>> timers;
  private final Runnable onDrained;
  private final Consumer<String> onUnread;
  private boolean blocked;
  private Runnable cancelTimer = () -> {};

  /**
   * @param patience how long the peer may leave its answers unread
   * @param onUnread told why the peer is to be given up
   */
  WriteGuard(
      NetSocket socket,
      Duration patience,
      LongFunction<Function<Runnable, Runnable>> timers,
      Runnable onDrained,
      Consumer<String> onUnread) {
    this.socket = (NetSocketInternal) socket;
    this.context = this.socket.channelHandlerContext();
    this.patience = patience;
    this.timers = timers;
    this.onDrained = onDrained;
    this.onUnread = onUnread;
    socket.setWriteQueueMaxSize(MOST_UNREAD_BYTES);
  }

  boolean isBlocked() {
    return blocked;
  }

  /** What was written and the system has not taken yet, for the peer does not read. */
  long unsentBytes() {
    ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  /**
   * Writes what stands in the buffer, and clears it. The bytes are copied once, into memory from
   * which the system takes them; there is no future, for nobody waits for one.
   */
  void write(FrameBuffer out) {
    ByteBuf bytes = context.alloc().directBuffer(out.size());
    bytes.writeBytes(out.bytes(), 0, out.size());
    out.clear(); // first: if the peer reads meanwhile, more may be answered within this write
    socket.writeMessage(bytes, null);
    if (blocked) {
      if (unsentBytes() > MOST_UNSENT_BYTES) {
        onUnread.accept(
            "over %d MiB of its answers were not read".formatted(MOST_UNSENT_BYTES >> 20));
      }
    } else if (socket.writeQueueFull()) {
      blocked = true;
      cancelTimer = timers.apply(patience.toMillis()).apply(this::overdue);
      socket.drainHandler(_ -> drained());
    }
  }

  /** Writes nothing more, and closes when all is sent: within the patience, or without that. */
  void end() {
    cancelTimer.run();
    socket.close(); // which waits for what is unsent
    if (unsentBytes() > 0) {
      cancelTimer = timers.apply(patience.toMillis()).apply(this::abort);
    }
  }

  /**
   * Closes at once; what is unsent is lost. To close the socket, or the channel, would be to wait
   * until it is sent: Vert.x sees to that, from its place in the channel's pipeline.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the close handler is told
  void abort() {
    context.close(); // from there on, past Vert.x
  }

  /** The connection is closed. */
  void closed() {
    cancelTimer.run();
  }

  private void overdue() {
    onUnread.accept("its answers were not read for %d ms".formatted(patience.toMillis()));
  }

  private void drained() {
    if (blocked) {
      blocked = false;
      cancelTimer.run();
      onDrained.run();
    }
  }
}
