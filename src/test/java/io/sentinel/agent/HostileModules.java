package io.sentinel.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The hostile modules and what must become of each (src/test/resources/hostile/index.tsv). */
public final class HostileModules {

  private static final Path FOLDER = Path.of("src/test/resources/hostile");

  private HostileModules() {}

  /**
   * One line of the list.
   *
   * @param kind F: the failure policy answers; L: refused at load; OK: answered; or two of them
   * @param reason the failure's codes, a word of the refusal, or the answer's first tag
   * @param trigger what a request needs to get the sin
   */
  public record Row(Path file, String kind, String reason, String trigger) {

    public String name() {
      return file.getFileName().toString();
    }

    /** The codes with which the failure policy may answer. */
    public List<String> reasons() {
      return Arrays.asList(reason.split("\\|"));
    }

    @Override
    public String toString() {
      return name();
    }
  }

  public static List<Row> rows() {
    try {
      return Files.readAllLines(FOLDER.resolve("index.tsv")).stream()
          .skip(1)
          .map(line -> line.split("\t", -1))
          .map(cells -> new Row(FOLDER.resolve(cells[0]), cells[2], cells[3], cells[4]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
