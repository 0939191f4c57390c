package io.sentinel.agent.client;

import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.FrameBuffer;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.ProxyCodec;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One connection to an agent, one event at a time. One owner. */
public final class AgentClient implements AutoCloseable {

  private static final Duration GREETING = Duration.ofSeconds(5);
  private static final int READ_BYTES = 64 * 1024;

  private final SocketChannel channel;
  private final Selector readable;
  private final FrameDecoder decoder;
  private final FrameBuffer out = new FrameBuffer();
  private final ProxyCodec codec;

  /**
   * An answer.
   *
   * @param json as JSON, whatever it came in
   * @param took from the event's first byte to the answer's last
   */
  public record Answer(AgentReply reply, String json, Duration took) {}

  private AgentClient(SocketChannel channel, Selector readable, Speech speech) {
    this.channel = channel;
    this.readable = readable;
    this.decoder = new FrameDecoder(speech.protocol());
    this.codec = ProxyCodec.of(speech);
  }

  /** Connects to the agent that listens on a socket. */
  public static AgentClient connect(Path socket, Speech speech) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
        throw new SocketTimeoutException("the agent takes no connections at the moment");
      }
      Selector readable = Selector.open();
      channel.register(readable, SelectionKey.OP_READ);
      AgentClient client = new AgentClient(channel, readable, speech);
      client.greet();
      return client;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void greet() throws IOException {
    Optional<byte[]> greeting = codec.greeting();
    if (greeting.isPresent()) {
      long deadline = System.nanoTime() + GREETING.toNanos();
      write(ByteBuffer.wrap(greeting.get()), deadline);
      codec.checkGreeting(read(deadline));
    }
  }

  /**
   * Sends an event and waits for its answer.
   *
   * @param payload the event's object, as JSON
   * @throws SocketTimeoutException if no answer came within the timeout, or the event was not read
   * @throws EOFException if the agent closed the connection instead
   */
  public Answer ask(EventType type, byte[] payload, Duration timeout) throws IOException {
    codec.encode(type, payload, out);
    long start = System.nanoTime();
    long deadline = start + timeout.toNanos();
    write(ByteBuffer.wrap(out.drain()), deadline);
    Optional<ProxyCodec.Reply> reply = codec.decode(read(deadline));
    while (reply.isEmpty()) {
      reply = codec.decode(read(deadline));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Answer(reply.get().reply(), reply.get().json(), took);
  }

  private void write(ByteBuffer bytes, long deadline) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        if (System.nanoTime() - deadline > 0) {
          throw new SocketTimeoutException("the agent did not read the event in time");
        }
        Thread.onSpinWait(); // the agent reads as fast as it can
      }
    }
  }

  private FrameDecoder.Frame read(long deadline) throws IOException {
    FrameDecoder.Frame frame = decoder.next();
    while (frame == null) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw new SocketTimeoutException("no answer came in time");
      }
      readable.select(leftMillis);
      readable.selectedKeys().clear();
      ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
      int length = channel.read(chunk);
      if (length < 0) {
        throw new EOFException("the agent closed the connection without an answer");
      }
      decoder.append(chunk.array(), 0, length);
      frame = decoder.next();
    }
    return frame;
  }

  @Override
  public void close() throws IOException {
    readable.close();
    channel.close();
  }
}
