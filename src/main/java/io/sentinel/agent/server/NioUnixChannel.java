package io.sentinel.agent.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FileRegion;
import io.netty.channel.nio.AbstractNioByteChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a Unix socket of the JDK's. Netty's own class for it cannot be told to stay open
 * for writing when its peer has ended (Netty looks for a TCP socket's options); this one always
 * does, and fires {@link io.netty.channel.socket.ChannelInputShutdownReadComplete}.
 */
final class NioUnixChannel extends AbstractNioByteChannel {

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile boolean peerEnded;

  NioUnixChannel(Channel parent, SocketChannel accepted) {
    super(parent, accepted);
  }

  @Override
  protected SocketChannel javaChannel() {
    return (SocketChannel) super.javaChannel();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isActive() {
    return javaChannel().isOpen() && javaChannel().isConnected();
  }

  @Override
  protected boolean isInputShutdown0() {
    return peerEnded;
  }

  @Override
  protected int doReadBytes(ByteBuf into) throws IOException {
    var handle = unsafe().recvBufAllocHandle();
    handle.attemptedBytesRead(into.writableBytes());
    int read = into.writeBytes(javaChannel(), handle.attemptedBytesRead());
    if (read < 0) {
      peerEnded = true;
    }
    return read;
  }

  @Override
  protected int doWriteBytes(ByteBuf from) throws IOException {
    return from.readBytes(javaChannel(), from.readableBytes());
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
    try {
      return javaChannel().getRemoteAddress();
    } catch (IOException e) {
      return null; // it is closed
    }
  }

  @Override
  protected ChannelFuture shutdownInput() {
    return newFailedFuture(new UnsupportedOperationException("the peer ends its side"));
  }

  @Override
  protected long doWriteFileRegion(FileRegion region) {
    throw new UnsupportedOperationException("no files are sent");
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("it was accepted");
  }

  @Override
  protected boolean doConnect(SocketAddress remote, SocketAddress local) {
    throw new UnsupportedOperationException("it was accepted");
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException("it was accepted");
  }

  @Override
  protected void doDisconnect() throws IOException {
    doClose();
  }
}
