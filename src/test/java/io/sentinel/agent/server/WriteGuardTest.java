package io.sentinel.agent.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sentinel.agent.wire.FrameBuffer;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WriteGuardTest {

  private static final String HOST = "127.0.0.1";

  /**
   * A peer that has not read for a while, and does while something is written, lets the session go
   * on from within that write: what it answers then must not come with what is being written again.
   */
  @Test
  void whatIsWrittenWithinAWriteIsWrittenByItself() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      NetServer server = vertx.createNetServer().connectHandler(WriteGuardTest::writeTwice);
      server.listen(0, HOST).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertEquals("first second", read(server.actualPort()));
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private static void writeTwice(NetSocket socket) {
    FrameBuffer out = new FrameBuffer();
    WriteGuard guard =
        new WriteGuard(
            socket, Duration.ofSeconds(9), _ -> _ -> () -> {}, () -> {}, why -> socket.close());
    ((NetSocketInternal) socket)
        .channelHandlerContext()
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              private boolean within;

              @Override
              @SuppressWarnings("FutureReturnValueIgnored") // the promise is
              public void write(
                  ChannelHandlerContext context, Object message, ChannelPromise done) {
                context.write(message, done);
                if (!within) {
                  within = true;
                  out.write(" second".getBytes(US_ASCII));
                  guard.write(out);
                }
              }
            });
    out.write("first".getBytes(US_ASCII));
    guard.write(out);
    guard.end();
  }

  private static String read(int port) throws IOException {
    try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return new String(peer.getInputStream().readAllBytes(), US_ASCII);
    }
  }
}
