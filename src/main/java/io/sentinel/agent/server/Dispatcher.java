package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.GuestPool;

/** The event-bus handler that events come to: says what becomes of each. */
final class Dispatcher {

  /** Where it listens on the event bus. */
  static final String ADDRESS = "sentinel.events";

  private final GuestPool pool;
  private final Reconfiguration reconfiguration;

  Dispatcher(GuestPool pool, Reconfiguration reconfiguration) {
    this.pool = pool;
    this.reconfiguration = reconfiguration;
  }

  /** Sees to it that the exchange is ended, now or later. */
  void dispatch(Exchange exchange) {
    switch (exchange.event()) {
      case AgentEvent.RequestHeaders event -> decide(event, exchange);
      case AgentEvent.ResponseHeaders event -> decide(event, exchange);
      case AgentEvent.Configure(String _, var config) ->
          reconfiguration
              .apply(config)
              .onSuccess(reply -> exchange.accept(new Outcome.Decided(reply)))
              .onFailure(exchange::fault);
      case AgentEvent.Unhandled _ -> allow(exchange);
    }
  }

  private void decide(AgentEvent event, Exchange exchange) {
    if (exchange.isCancelled()) {
      exchange.accept(Exchange.CANCELLED);
    } else if (pool.handles(event.type())) {
      exchange.setCall(pool.submit(event, exchange));
    } else {
      allow(exchange);
    }
  }

  private static void allow(Exchange exchange) {
    exchange.accept(new Outcome.Decided(AgentReply.allow()));
  }
}
