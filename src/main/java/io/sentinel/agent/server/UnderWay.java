package io.sentinel.agent.server;

import io.sentinel.agent.pool.Call;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of one connection that are on their way to their answers, and what their frames come
 * to. Belongs to one event loop.
 */
final class UnderWay {

  /** Ends a call that nobody waits for. */
  private final Consumer<Call> cancel;

  /** Those that the proxy may cancel, by their correlation id. */
  private final Map<String, Exchange> byId = new HashMap<>();

  /** All of them; each is linked to its neighbours. */
  private @Nullable Exchange last;

  private int count;
  private long bytes;

  UnderWay(Consumer<Call> cancel) {
    this.cancel = cancel;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  void add(Exchange exchange) {
    exchange.before = last;
    if (last != null) {
      last.after = exchange;
    }
    last = exchange;
    count++;
    bytes += exchange.frameBytes();
  }

  /** Lets an exchange be cancelled by its correlation id. */
  void makeCancellable(Exchange exchange) {
    byId.put(exchange.event().correlationId(), exchange);
  }

  void remove(Exchange exchange) {
    Exchange before = exchange.before;
    Exchange after = exchange.after;
    if (before != null) {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    count--;
    bytes -= exchange.frameBytes();
    byId.remove(exchange.event().correlationId(), exchange);
  }

  /** Unknown and late cancellations find nothing here, and are ignored. */
  void cancel(String correlationId) {
    Exchange exchange = byId.get(correlationId);
    if (exchange != null) {
      exchange.cancel(cancel);
    }
  }

  /** Nobody waits for any of them; each is removed when it has ended. */
  void cancelAll() {
    for (Exchange exchange = last; exchange != null; exchange = exchange.before) {
      exchange.cancel(cancel);
    }
  }
}
