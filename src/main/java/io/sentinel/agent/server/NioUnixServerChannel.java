package io.sentinel.agent.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket of the JDK's that connections are taken from. Netty has one, whose connections know
 * no half-closed state: see {@link NioUnixChannel}.
 */
final class NioUnixServerChannel extends AbstractNioMessageChannel implements ServerChannel {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile boolean bound;

  NioUnixServerChannel() {
    super(null, open(), SelectionKey.OP_ACCEPT);
  }

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected ServerSocketChannel javaChannel() {
    return (ServerSocketChannel) super.javaChannel();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isActive() {
    return isOpen() && bound;
  }

  @Override
  protected void doBind(SocketAddress address) throws IOException {
    javaChannel().bind(address, NetUtil.SOMAXCONN);
    bound = true;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws IOException {
    SocketChannel peer = javaChannel().accept();
    if (peer == null) {
      return 0;
    }
    accepted.add(new NioUnixChannel(this, peer));
    return 1;
  }

  @Override
  protected void doClose() throws IOException {
    javaChannel().close();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    try {
      return javaChannel().getLocalAddress();
    } catch (IOException e) {
      return null; // it is closed
    }
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected boolean doConnect(SocketAddress remote, SocketAddress local) {
    throw new UnsupportedOperationException("it listens");
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException("it listens");
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("it listens");
  }

  @Override
  protected boolean doWriteMessage(Object message, ChannelOutboundBuffer in) {
    throw new UnsupportedOperationException("it listens");
  }

  @Override
  public @Nullable Channel parent() {
    return null;
  }
}
