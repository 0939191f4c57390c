package io.sentinel.agent.wasm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds files of code: the running user's own, and nobody else can write to it.
 *
 * <p>It is opened first and looked at then, and its files are reached through what was opened, so
 * it cannot be another one after the look.
 */
final class CacheDirectory {

  /** What all entries may come to: some dozens of modules. */
  static final long MOST_BYTES = 256L << 20;

  /** A larger entry is not read at once, and so not kept. */
  private static final long MOST_ENTRY_BYTES = 64L << 20;

  /** How the names of entries end. */
  static final String ENTRY = ".code";

  /** How the names of files end that are being written. */
  private static final String UNFINISHED = ".new";

  /** Nothing else in the directory is touched: somebody may have named one that was in use. */
  private static final Pattern OURS =
      Pattern.compile("[0-9a-f]{64}\\.code(\\.[0-9a-f-]{36}\\.new)?");

  /** A file that was being written for so long is left over from a process that was killed. */
  private static final Duration LEFT_OVER = Duration.ofHours(1);

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path path;
  private final long mostBytes;
  private @Nullable UserPrincipal self;

  /**
   * @param mostBytes what all entries may come to
   */
  CacheDirectory(Path path, long mostBytes) {
    this.path = path.toAbsolutePath();
    this.mostBytes = mostBytes;
  }

  /** The entry of that name, which counts as used from now on; empty if there is none. */
  Optional<byte[]> read(String name) throws IOException {
    try (SecureDirectoryStream<Path> directory = open()) {
      Path file = Path.of(name);
      byte[] bytes = read(directory, file);
      directory
          .getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(FileTime.from(Instant.now()), null, null);
      return Optional.of(bytes);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static byte[] read(SecureDirectoryStream<Path> directory, Path file) throws IOException {
    try (SeekableByteChannel in =
        directory.newByteChannel(
            file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(in.size(), MOST_ENTRY_BYTES));
      while (bytes.hasRemaining() && in.read(bytes) >= 0) {
        // until it is full, or the file ends
      }
      return bytes.hasRemaining() ? new byte[0] : bytes.array();
    }
  }

  /** Puts an entry in its place, in one step: nobody ever sees half of it. */
  void write(String name, byte[] bytes) throws IOException {
    if (bytes.length > MOST_ENTRY_BYTES) {
      return;
    }
    Path unfinished = Path.of(name + "." + UUID.randomUUID() + UNFINISHED);
    try (SecureDirectoryStream<Path> directory = open()) {
      try {
        create(directory, unfinished, ByteBuffer.wrap(bytes));
        directory.move(unfinished, directory, Path.of(name));
      } catch (IOException | RuntimeException e) {
        deleteIfThere(directory, unfinished);
        throw e;
      }
      trim(directory);
    }
  }

  private static void create(SecureDirectoryStream<Path> directory, Path file, ByteBuffer bytes)
      throws IOException {
    try (SeekableByteChannel out =
        directory.newByteChannel(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            PRIVATE_FILE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  /** Removes an entry, if it is there. */
  void remove(String name) throws IOException {
    try (SecureDirectoryStream<Path> directory = open()) {
      deleteIfThere(directory, Path.of(name));
    }
  }

  private static void deleteIfThere(SecureDirectoryStream<Path> directory, Path file)
      throws IOException {
    try {
      directory.deleteFile(file);
    } catch (NoSuchFileException e) {
      return; // another agent did it
    }
  }

  @SuppressWarnings("StreamResourceLeak") // who calls closes it
  private SecureDirectoryStream<Path> open() throws IOException {
    if (Files.isSymbolicLink(path)) {
      throw new UnsafeDirectoryException("it is a symbolic link");
    }
    Files.createDirectories(path, PRIVATE_DIRECTORY);
    DirectoryStream<Path> opened = Files.newDirectoryStream(path);
    boolean safe = false;
    try {
      if (!(opened instanceof SecureDirectoryStream<Path> directory)) {
        throw new IOException("this system has no files relative to an open directory");
      }
      check(directory);
      safe = true;
      return directory;
    } finally {
      if (!safe) {
        opened.close();
      }
    }
  }

  private void check(SecureDirectoryStream<Path> directory) throws IOException {
    PosixFileAttributes found =
        directory.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
    Set<PosixFilePermission> rights = found.permissions();
    if (rights.contains(PosixFilePermission.GROUP_WRITE)
        || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new UnsafeDirectoryException(
          "others may write to it (%s)".formatted(PosixFilePermissions.toString(rights)));
    }
    if (self == null) {
      self = whoWrites(directory);
    }
    if (!found.owner().equals(self)) {
      throw new UnsafeDirectoryException(
          "it belongs to %s, and the agent runs as %s".formatted(found.owner(), self));
    }
  }

  /** Java does not say who one is, but whose a file is that one has made. */
  private static UserPrincipal whoWrites(SecureDirectoryStream<Path> directory) throws IOException {
    Path file = Path.of(UUID.randomUUID() + UNFINISHED);
    create(directory, file, ByteBuffer.allocate(0));
    try {
      return directory
          .getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes()
          .owner();
    } finally {
      deleteIfThere(directory, file);
    }
  }

  private record Kept(Path file, long bytes, Instant used) {}

  /** Removes what was not used for longest, until the rest is within the bound. */
  private void trim(SecureDirectoryStream<Path> directory) throws IOException {
    List<Kept> all = new ArrayList<>();
    long total = 0;
    for (Path entry : directory) {
      Path file = entry.getFileName();
      if (!OURS.matcher(file.toString()).matches()) {
        continue;
      }
      Optional<BasicFileAttributes> attributes = attributes(directory, file);
      if (attributes.isEmpty() || !attributes.get().isRegularFile()) {
        continue;
      }
      Kept one =
          new Kept(file, attributes.get().size(), attributes.get().lastModifiedTime().toInstant());
      if (!file.toString().endsWith(UNFINISHED)) {
        all.add(one);
        total += one.bytes();
      } else if (one.used().isBefore(Instant.now().minus(LEFT_OVER))) {
        deleteIfThere(directory, file);
      }
    }
    all.sort(Comparator.comparing(Kept::used));
    for (int i = 0; i < all.size() - 1 && total > mostBytes; i++) {
      deleteIfThere(directory, all.get(i).file());
      total -= all.get(i).bytes();
    }
  }

  private static Optional<BasicFileAttributes> attributes(
      SecureDirectoryStream<Path> directory, Path file) throws IOException {
    try {
      return Optional.of(
          directory
              .getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes());
    } catch (NoSuchFileException e) {
      return Optional.empty(); // another agent has just removed it
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
