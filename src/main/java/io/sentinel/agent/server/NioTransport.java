package io.sentinel.agent.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/**
 * The JDK's channels, with Unix sockets to listen on: the JDK has them since 16, but Vert.x 4.5
 * knows them from native transports only. See "Why a transport of our own?" in RATIONALE.md.
 */
public final class NioTransport extends JDKTransport {

  @Override
  public boolean supportsDomainSockets() {
    return true;
  }

  @Override
  public java.net.SocketAddress convert(SocketAddress address) {
    return address.isDomainSocket()
        ? UnixDomainSocketAddress.of(address.path())
        : super.convert(address);
  }

  /** A peer's address has no path: peers of a Unix socket seldom have a name. */
  @Override
  public SocketAddress convert(java.net.SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? SocketAddress.domainSocketAddress(unix.getPath().toString())
        : super.convert(address);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return domainSocket ? NioUnixServerChannel::new : super.serverChannelFactory(false);
  }

  /** What is set for TCP means nothing to a Unix socket, and Netty would warn of each of it. */
  @Override
  public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
    if (!domainSocket) {
      super.configure(options, false, bootstrap);
    }
  }
}
