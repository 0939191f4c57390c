package io.sentinel.agent.server;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
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
          if (event instanceof ChannelInputShutdownEvent) {
            onPeerEnded.run();
          }
        });
  }
}
