package io.sentinel.agent.server;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings ended exchanges from the slots' threads back to the event loop: one wake-up for all that
 * end before it comes, and one write for all of a connection's answers among them.
 */
final class Outbox {

  private final Context eventLoop;
  private final Queue<Exchange> ended = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean called = new AtomicBoolean();
  private final List<Session> dirty = new ArrayList<>();

  private Runnable afterwards = () -> {};

  Outbox(Context eventLoop) {
    this.eventLoop = eventLoop;
  }

  /** Has something done after each round of answers. */
  void afterwards(Runnable action) {
    afterwards = action;
  }

  void offer(Exchange exchange) {
    ended.add(exchange);
    if (!called.get() && called.compareAndSet(false, true)) {
      eventLoop.runOnContext(_ -> drain());
    }
  }

  private void drain() {
    called.set(false);
    Exchange exchange = ended.poll();
    while (exchange != null) {
      Session session = exchange.session();
      if (session.answer(exchange)) {
        dirty.add(session);
      }
      exchange = ended.poll();
    }
    for (int i = 0; i < dirty.size(); i++) {
      dirty.get(i).flush();
    }
    dirty.clear();
    afterwards.run();
  }
}
