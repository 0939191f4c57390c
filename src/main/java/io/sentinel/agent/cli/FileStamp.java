package io.sentinel.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a file from the next, without reading it. Symbolic links are followed, so
 * a link that points elsewhere is another file.
 *
 * @param key device and inode, where the file system has them
 */
record FileStamp(FileTime modified, long size, @Nullable Object key) {

  /** Empty if there is no such file, or none that may be looked at. */
  static Optional<FileStamp> of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new FileStamp(now.lastModifiedTime(), now.size(), now.fileKey()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
