package io.sentinel.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {

  @TempDir private Path directory;

  @Test
  void socketIsPublishedForItsOwnerAlone() throws IOException {
    Path path = directory.resolve("a.sock");
    try (ServerSocketChannel server = publish(path)) {
      assertTrue(server.isOpen());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      assertEquals(List.of("a.sock"), names());
    }
  }

  @Test
  void socketHasTheRightsAndTheGroupItIsToHave() throws IOException {
    Path path = directory.resolve("a.sock");
    String group = Files.readAttributes(directory, PosixFileAttributes.class).group().getName();
    SocketAccess access = new SocketAccess("rw-rw----", Optional.of(group));
    try (ServerSocketChannel server = publish(path, access)) {
      assertTrue(server.isOpen());
      PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
      assertEquals("rw-rw----", PosixFilePermissions.toString(attributes.permissions()));
      assertEquals(group, attributes.group().getName());
    }
  }

  @Test
  void unknownGroupIsRefusedAndNothingIsLeft() {
    SocketAccess access = new SocketAccess("rw-rw----", Optional.of("no-such-group"));
    ListenException refusal =
        assertThrows(
            ListenException.class, () -> publish(directory.resolve("a.sock"), access).close());
    assertTrue(refusal.getMessage().contains("there is no group no-such-group"));
    assertEquals(List.of(), names());
  }

  @Test
  void socketIsNotThereBeforeItIsPublished() {
    SocketFile file = SocketFile.claim(directory.resolve("a.sock"), SocketAccess.PRIVATE);
    assertFalse(names().contains("a.sock"));
    file.discard();
    assertEquals(List.of(), names());
  }

  @Test
  void socketOfADeadAgentIsReplaced() throws IOException {
    Path path = directory.resolve("a.sock");
    ServerSocketChannel dead = listen(path);
    dead.close();
    assertTrue(Files.exists(path));
    publish(path).close();
  }

  @Test
  void socketOfALivingAgentIsRefused() throws IOException {
    Path path = directory.resolve("a.sock");
    try (ServerSocketChannel living = listen(path)) {
      assertTrue(refused(path).contains("a running agent answers there"));
      assertTrue(living.isOpen());
      assertTrue(Files.exists(path));
    }
  }

  /** A living agent that takes no connection: it is stopped, say, and its backlog is full. */
  @Test
  void socketWithAFullBacklogIsRefusedAtOnceAndStays() throws IOException {
    Path path = directory.resolve("a.sock");
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      living.bind(UnixDomainSocketAddress.of(path), 1);
      while (waits(path, waiting)) {
        assertTrue(waiting.size() < 100, "the backlog has no end");
      }
      String refusal =
          assertTimeoutPreemptively(
              Duration.ofSeconds(5), () -> refused(path)); // it waits for ever
      assertTrue(refusal.contains("whether somebody serves it cannot be told"), refusal);
      assertTrue(Files.exists(path));
    } finally {
      for (SocketChannel peer : waiting) {
        peer.close();
      }
    }
  }

  /** Whether the backlog had room for one more. */
  private static boolean waits(Path path, List<SocketChannel> waiting) throws IOException {
    SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX);
    waiting.add(peer);
    peer.configureBlocking(false);
    try {
      return peer.connect(UnixDomainSocketAddress.of(path));
    } catch (SocketException e) {
      return false; // EAGAIN
    }
  }

  /** What connects to streams alone cannot tell whether another kind of socket is served. */
  @Test
  void livingSocketOfAnotherKindIsRefusedAndStays() throws Exception {
    assumeTrue(Epoll.isAvailable(), "the JDK has no such sockets");
    Path path = directory.resolve("a.sock");
    EpollEventLoopGroup group = new EpollEventLoopGroup(1);
    try {
      new Bootstrap()
          .group(group)
          .channel(EpollDomainDatagramChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .bind(new DomainSocketAddress(path.toFile()))
          .sync();
      assertTrue(refused(path).contains("whether somebody serves it cannot be told"));
      assertTrue(Files.exists(path));
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  /** Skipped for root, whom no file refuses. */
  @Test
  void socketThatMayNotBeConnectedToIsRefusedAndStays() throws IOException {
    Path path = directory.resolve("a.sock");
    try (ServerSocketChannel living = listen(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
      assumeFalse(connects(path), "root connects to any socket");
      assertTrue(refused(path).contains("whether somebody serves it cannot be told"));
      assertTrue(living.isOpen());
      assertTrue(Files.exists(path));
    }
  }

  private static boolean connects(Path path) {
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return peer.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void otherFilesAreRefusedAndStay() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "precious");
    assertTrue(refused(file).contains("no socket"));
    assertEquals("precious", Files.readString(file));
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertTrue(refused(folder).contains("no socket"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertTrue(refused(link).contains("no socket"));
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void missingDirectoryIsRefused() {
    assertTrue(refused(directory.resolve("no/a.sock")).contains("there is no directory"));
  }

  @Test
  void longPathIsRefused() {
    assertTrue(refused(directory.resolve("x".repeat(108))).contains("107"));
  }

  /** The directory beside it needs a few bytes more, always as many; and nothing of it is left. */
  @Test
  void pathWithoutRoomForWhatIsBesideItIsRefusedAtEveryStart() throws IOException {
    int left = 107 - directory.toString().length();
    Path shorter = Files.createDirectory(directory.resolve("d".repeat(left - 14)));
    Path longer = Files.createDirectory(directory.resolve("d".repeat(left - 13)));
    for (int i = 0; i < 20; i++) {
      SocketFile.claim(shorter.resolve("a"), SocketAccess.PRIVATE).discard();
      assertTrue(refused(longer.resolve("a")).contains("107"));
    }
    for (Path parent : List.of(shorter, longer)) {
      try (Stream<Path> files = Files.list(parent)) {
        assertEquals(List.of(), files.toList());
      }
      Files.delete(parent);
    }
  }

  @Test
  void nameTakenMeanwhileIsRefused() throws IOException {
    Path path = directory.resolve("a.sock");
    SocketFile slow = SocketFile.claim(path, SocketAccess.PRIVATE);
    try (ServerSocketChannel server = listen(slow.bindTo());
        ServerSocketChannel quicker = publish(path)) {
      assertThrows(ListenException.class, slow::publish);
      assertTrue(server.isOpen() && quicker.isOpen());
      assertEquals(List.of("a.sock"), names());
    }
  }

  @Test
  void onlyOurOwnSocketIsRemoved() throws IOException {
    Path path = directory.resolve("a.sock");
    SocketFile ours = SocketFile.claim(path, SocketAccess.PRIVATE);
    try (ServerSocketChannel server = listen(ours.bindTo())) {
      assertTrue(server.isOpen());
      ours.publish();
      Files.delete(path);
      ServerSocketChannel another = publish(path);
      ours.remove();
      assertTrue(Files.exists(path));
      another.close();
    }
  }

  private static ServerSocketChannel publish(Path path) throws IOException {
    return publish(path, SocketAccess.PRIVATE);
  }

  private static ServerSocketChannel publish(Path path, SocketAccess access) throws IOException {
    SocketFile file = SocketFile.claim(path, access);
    ServerSocketChannel server = listen(file.bindTo());
    file.publish();
    return server;
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(path));
  }

  private static String refused(Path path) {
    return String.valueOf(
        assertThrows(ListenException.class, () -> SocketFile.claim(path, SocketAccess.PRIVATE))
            .getMessage());
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
