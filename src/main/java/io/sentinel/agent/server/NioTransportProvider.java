package io.sentinel.agent.server;

import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.spi.VertxServiceProvider;

/**
 * Gives Vert.x a transport with Unix sockets where it would take the JDK's without them: because no
 * native one was asked for, or because none is to be had. Found by its name in META-INF/services.
 */
public final class NioTransportProvider implements VertxServiceProvider {

  @Override
  public void init(VertxBuilder builder) {
    if (builder.findTransport() instanceof JDKTransport) {
      builder.findTransport(new NioTransport());
    }
  }
}
