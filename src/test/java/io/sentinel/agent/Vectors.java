package io.sentinel.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Frames recorded from the real clients, length prefix included. */
public final class Vectors {

  private static final Path ROOT = Path.of("src/test/resources/vectors");

  private Vectors() {}

  public static byte[] frame(String folder, String name) {
    try {
      return Files.readAllBytes(ROOT.resolve(folder).resolve(name + ".frame"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all frames of a folder. */
  public static List<String> names(String folder) {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files
          .map(file -> file.getFileName().toString().replace(".frame", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
