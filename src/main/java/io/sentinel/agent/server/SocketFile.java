package io.sentinel.agent.server;

import io.sentinel.agent.text.LogText;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The socket's file. It is bound in a private directory beside its place and linked to its name
 * when it has its mode, so there is no moment in which others may connect; and it takes nobody's
 * place but a dead agent's.
 */
final class SocketFile {

  private static final Logger LOG = Logger.getLogger(SocketFile.class);

  /** What the system's address structure holds, less its closing zero. */
  private static final int MAX_PATH_BYTES = 107;

  private final Path path;
  private final Path workshop;
  private final SocketAccess access;
  private volatile @Nullable Object inode;

  private SocketFile(Path path, Path workshop, SocketAccess access) {
    this.path = path;
    this.workshop = workshop;
    this.access = access;
  }

  /**
   * Makes sure that the place is free, and prepares the binding.
   *
   * @throws ListenException if it is not free, or cannot be used
   */
  static SocketFile claim(Path path, SocketAccess access) {
    Path absolute = path.toAbsolutePath();
    checkLength(absolute);
    clearStale(absolute);
    Path parent = absolute.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new ListenException(
          "cannot listen on %s: there is no directory %s".formatted(path, parent));
    }
    checkLength(workshop(parent).resolve("s")); // which are all of one length
    try {
      return new SocketFile(absolute, makeWorkshop(parent), access);
    } catch (IOException e) {
      throw new ListenException(
          "cannot listen on %s: %s cannot be written to (%s)".formatted(path, parent, reason(e)),
          e);
    }
  }

  private static Path workshop(Path parent) {
    return parent.resolve(".s%08x".formatted(ThreadLocalRandom.current().nextInt()));
  }

  private static Path makeWorkshop(Path parent) throws IOException {
    while (true) {
      try {
        return Files.createDirectory(
            workshop(parent),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // another agent's; there are names enough
      }
    }
  }

  /** Where the server binds. */
  Path bindTo() {
    return workshop.resolve("s");
  }

  /**
   * Gives the bound socket its group, its mode and its name.
   *
   * @throws ListenException if somebody was quicker, or if the group cannot be had
   */
  void publish() {
    Path bound = bindTo();
    try {
      if (access.group().isPresent()) {
        setGroup(bound, access.group().get());
      }
      Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(access.rights()));
      inode = inode(bound);
      Files.createLink(path, bound);
    } catch (FileAlreadyExistsException e) {
      throw new ListenException(
          "cannot listen on %s: another agent took it at this moment".formatted(path), e);
    } catch (IOException e) {
      throw new ListenException("cannot listen on %s: %s".formatted(path, reason(e)), e);
    } finally {
      discard();
    }
  }

  private void setGroup(Path bound, String group) {
    try {
      Files.getFileAttributeView(bound, PosixFileAttributeView.class)
          .setGroup(
              bound
                  .getFileSystem()
                  .getUserPrincipalLookupService()
                  .lookupPrincipalByGroupName(group));
    } catch (UserPrincipalNotFoundException e) {
      throw new ListenException(
          "cannot listen on %s: there is no group %s; choose another --socket-group"
              .formatted(path, LogText.of(group)),
          e);
    } catch (IOException e) {
      throw new ListenException(
          "cannot listen on %s: it cannot be given to the group %s (%s); is the agent's user one of its members?"
              .formatted(path, LogText.of(group), reason(e)),
          e);
    }
  }

  /** Takes away what {@link #claim} made. */
  void discard() {
    try {
      Files.deleteIfExists(bindTo());
      Files.deleteIfExists(workshop);
    } catch (IOException e) {
      LOG.debugf("%s is left over: %s", workshop, e.getMessage());
    }
  }

  /** Removes the file, if it is still the one that was published. */
  void remove() {
    try {
      if (isOurs()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LOG.debugf("%s was not removed: %s", path, e.getMessage());
    }
  }

  /** Whether connecting to the path leads here: others may remove the file, or put theirs there. */
  boolean isInPlace() {
    try {
      return isOurs();
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isOurs() throws IOException {
    return inode != null && inode.equals(inode(path));
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static void checkLength(Path path) {
    int bytes = path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (bytes > MAX_PATH_BYTES) {
      throw new ListenException(
          "cannot listen on %s: the path has %d bytes, and a socket's may have %d (a few are needed"
                  .formatted(path, bytes, MAX_PATH_BYTES)
              + " beside the name itself); choose a shorter --socket");
    }
  }

  private static void clearStale(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket(path)) {
      throw new ListenException(
          "cannot listen on %s: there is a file that is no socket; remove it, or choose another"
                  .formatted(path)
              + " --socket");
    }
    switch (probe(path)) {
      case Probe.Dead() -> removeStale(path);
      case Probe.Gone() -> LOG.debugf("%s was there, and is gone", path);
      case Probe.Alive() ->
          throw new ListenException(
              "cannot listen on %s: a running agent answers there; stop it, or choose another"
                      .formatted(path)
                  + " --socket");
      case Probe.Unknown(String why) ->
          throw new ListenException(
              "cannot listen on %s: a socket is there, and whether somebody serves it cannot be told (%s);"
                      .formatted(path, why)
                  + " remove it if nobody does, or choose another --socket");
    }
  }

  /** What is known of a socket that is in the way. */
  private sealed interface Probe {
    record Dead() implements Probe {}

    record Gone() implements Probe {}

    record Alive() implements Probe {}

    record Unknown(String why) implements Probe {}
  }

  /**
   * Connects, and does not wait for it: an agent that is stopped leaves its backlog full. That
   * nobody listens is what a refused connection says, and nothing else does: a socket of another
   * user, or of another kind, may be served.
   */
  private static Probe probe(Path path) {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      return probe.connect(UnixDomainSocketAddress.of(path))
          ? new Probe.Alive()
          : new Probe.Unknown("it takes no connection at the moment");
    } catch (ConnectException e) {
      return new Probe.Dead();
    } catch (IOException e) {
      return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          ? new Probe.Unknown(reason(e))
          : new Probe.Gone();
    }
  }

  private static void removeStale(Path path) {
    try {
      Files.deleteIfExists(path);
      LOG.infof("Removed the socket of an agent that is gone: %s", path);
    } catch (IOException e) {
      throw new ListenException(
          "cannot listen on %s: a dead socket is in the way and cannot be removed (%s)"
              .formatted(path, reason(e)),
          e);
    }
  }

  private static boolean isSocket(Path path) {
    try {
      // Neither file, directory nor link; the JDK tells sockets and devices apart by mode alone.
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & 0170000) == 0140000;
    } catch (IOException e) {
      throw new ListenException("cannot listen on %s: %s".formatted(path, reason(e)), e);
    }
  }

  private static @Nullable Object inode(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
