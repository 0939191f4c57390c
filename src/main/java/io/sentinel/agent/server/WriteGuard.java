package io.sentinel.agent.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The writing side of a connection. A peer that does not read its answers is not read from either,
 * so that what it costs stays bounded, and after a while it is given up.
 */
final class WriteGuard {

  private static final int MOST_UNREAD_BYTES = 256 * 1024;
  private static final long PATIENCE_MS = 30_000;

  private final NetSocket socket;
  private final LongFunction<Function<Runnable, Runnable>> timers;
  private final Runnable onDrained;
  private final Runnable onUnread;
  private boolean blocked;
  private Runnable cancelTimer = () -> {};

  WriteGuard(
      NetSocket socket,
      LongFunction<Function<Runnable, Runnable>> timers,
      Runnable onDrained,
      Runnable onUnread) {
    this.socket = socket;
    this.timers = timers;
    this.onDrained = onDrained;
    this.onUnread = onUnread;
    socket.setWriteQueueMaxSize(MOST_UNREAD_BYTES);
  }

  boolean isBlocked() {
    return blocked;
  }

  void write(Buffer bytes) {
    socket.write(bytes);
    if (!blocked && socket.writeQueueFull()) {
      blocked = true;
      cancelTimer = timers.apply(PATIENCE_MS).apply(onUnread);
      socket.drainHandler(_ -> drained());
    }
  }

  void close() {
    cancelTimer.run();
  }

  private void drained() {
    if (blocked) {
      blocked = false;
      cancelTimer.run();
      onDrained.run();
    }
  }
}
