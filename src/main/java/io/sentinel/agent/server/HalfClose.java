package io.sentinel.agent.server;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;

/**
 * Lets a peer that has said all it will say still read its answers: without this, Netty closes a
 * connection whose peer has shut down its sending side.
 */
final class HalfClose {

  private HalfClose() {}

  static void allow(NetSocket socket, Runnable onPeerEnded) {
    NetSocketInternal internal = (NetSocketInternal) socket;
    internal
        .channelHandlerContext()
        .channel()
        .config()
        .setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    internal.eventHandler(
        event -> {
          // Epoll fires the first, and the second later; NioUnixChannel the second alone.
          if (event instanceof ChannelInputShutdownEvent
              || event instanceof ChannelInputShutdownReadComplete) {
            onPeerEnded.run();
          }
        });
  }
}
