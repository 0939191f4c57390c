package io.sentinel.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
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
