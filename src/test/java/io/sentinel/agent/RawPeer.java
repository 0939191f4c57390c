package io.sentinel.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A peer that writes what it likes, and reads what it is given. */
public final class RawPeer implements AutoCloseable {

  private final SocketChannel channel;

  private RawPeer(SocketChannel channel) {
    this.channel = channel;
  }

  public static RawPeer connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return new RawPeer(channel);
  }

  public void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Says that nothing more will be written. */
  public void endWriting() throws IOException {
    channel.shutdownOutput();
  }

  /** The payload of the next frame; fails at the connection's end. */
  public byte[] readFrame() throws IOException {
    ByteBuffer prefix = readFully(4);
    return readFully(prefix.getInt(0)).array();
  }

  /** All bytes until the agent closes the connection. */
  public byte[] readToEnd() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
    try {
      while (channel.read(chunk.clear()) >= 0) {
        all.write(chunk.array(), 0, chunk.position());
      }
    } catch (IOException e) {
      // a reset is an end too: the agent closed with bytes of ours unread
    }
    return all.toByteArray();
  }

  /** Takes frames apart. */
  public static List<byte[]> frames(byte[] stream) {
    List<byte[]> frames = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(stream);
    while (in.hasRemaining()) {
      int length = in.getInt();
      frames.add(Arrays.copyOfRange(stream, in.position(), in.position() + length));
      in.position(in.position() + length);
    }
    return frames;
  }

  private ByteBuffer readFully(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the agent closed the connection");
      }
    }
    return buffer;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
