package io.sentinel.agent.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;

/** Passes exchanges over the local event bus as they are, without copying. */
final class ExchangeCodec implements MessageCodec<Exchange, Exchange> {

  static final String NAME = "exchange";

  /** Registers the codec on a bus; once more does no harm (a reload keeps the bus). */
  static void register(EventBus eventBus) {
    eventBus.unregisterCodec(NAME);
    eventBus.registerCodec(new ExchangeCodec());
  }

  @Override
  public Exchange transform(Exchange exchange) {
    return exchange;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1; // as every codec of a user's must
  }

  @Override
  public void encodeToWire(Buffer buffer, Exchange exchange) {
    throw new UnsupportedOperationException("exchanges stay in their process");
  }

  @Override
  public Exchange decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("exchanges stay in their process");
  }
}
