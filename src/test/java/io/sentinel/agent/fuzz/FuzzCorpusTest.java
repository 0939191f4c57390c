package io.sentinel.agent.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sentinel.agent.wasm.GuestResultFuzz;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzer found before, without the fuzzer: the files in {@code
 * src/test/resources/fuzz/TARGET/}, each with a story, and in {@code TARGET.zip} those that
 * together reach all that was reached ({@code bin/fuzz --keep}).
 */
class FuzzCorpusTest {

  private static final Path CORPORA = Path.of("src/test/resources/fuzz");

  /** One of the fuzzer's targets. */
  record Target(String name, Consumer<byte[]> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Target> targets() {
    return Stream.of(
        new Target("FrameDecoder", FrameDecoderFuzz::fuzzerTestOneInput),
        new Target("GuestResult", GuestResultFuzz::fuzzerTestOneInput),
        new Target("Handshake", HandshakeFuzz::fuzzerTestOneInput),
        new Target("Module", ModuleFuzz::fuzzerTestOneInput),
        new Target("Reply", ReplyFuzz::fuzzerTestOneInput),
        new Target("Text", TextFuzz::fuzzerTestOneInput),
        new Target("Version1", Version1Fuzz::fuzzerTestOneInput),
        new Target("Version2Json", Version2JsonFuzz::fuzzerTestOneInput),
        new Target("Version2MessagePack", Version2MessagePackFuzz::fuzzerTestOneInput));
  }

  @ParameterizedTest
  @MethodSource("targets")
  @Timeout(60)
  void everyInputKeepsTheProperties(Target target) throws IOException {
    Map<String, byte[]> inputs = inputs(target.name());
    assertFalse(inputs.isEmpty());
    inputs.forEach(
        (name, input) -> {
          try {
            target.run().accept(input);
          } catch (Throwable e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
          }
        });
  }

  private static Map<String, byte[]> inputs(String target) throws IOException {
    Map<String, byte[]> inputs = new TreeMap<>();
    Path folder = CORPORA.resolve(target);
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    Path packed = CORPORA.resolve(target + ".zip");
    if (Files.exists(packed)) {
      try (InputStream in = Files.newInputStream(packed);
          ZipInputStream zip = new ZipInputStream(in)) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (!entry.isDirectory()) {
            inputs.put(entry.getName(), zip.readAllBytes());
          }
        }
      }
    }
    return inputs;
  }
}
