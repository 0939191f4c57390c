package io.sentinel.agent.wasm;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Reads the random modules that {@code src/test/smith} makes: seed, length, bytes. */
final class SmithModules {

  /** Takes one module. */
  interface Taker {
    void take(int seed, byte[] module);
  }

  private SmithModules() {}

  static void each(Path file, Taker taker) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream in =
            new DataInputStream(
                file.toString().endsWith(".gz")
                    ? new BufferedInputStream(new GZIPInputStream(raw))
                    : raw)) {
      for (int first = in.read(); first >= 0; first = in.read()) {
        int seed =
            first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedByte() << 8 | in.read();
        byte[] module = new byte[in.readInt()];
        in.readFully(module);
        taker.take(seed, module);
      }
    }
  }

  /** Every sixteenth module may run for ever; the others spend fuel (config.rs). */
  static boolean isEndless(int seed) {
    return Math.floorMod(seed, 16) == 15;
  }
}
