package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LengthsScanTest {

  private static final Path SMITH = Path.of("src/test/resources/smith/modules.bin.gz");

  /** The section's number, and its content up to the length that lies. */
  @ParameterizedTest
  @CsvSource({
    "0, ffffffff07, a custom section's name",
    "2, 01ffffffff07, a module's name",
    "2, 010161ffffffff07, an import's name",
    "2, 0201610162017000010161ffffffff07, a name after an imported table",
    "7, 01ffffffff07, an export's name",
    "1, ffffffff07, types",
    "1, 0160ffffffff07, parameters",
    "1, 016000ffffffff07, results",
    "1, 014effffffff07, types of a group",
    "1, 0150ffffffff07, supertypes",
    "1, 015fffffffff07, fields",
    "1, 0260017f0060ffffffff07, parameters of the second type",
    "9, 010041000bffffffff07, functions of a segment",
    "9, 010100ffffffff07, functions of a passive segment",
    "9, 010570ffffffff07, expressions of a passive segment",
    "11, 010041000bffffffff07, bytes of a segment",
    "11, 010042c1000bffffffff07, bytes after a number of 64 bits",
    "11, 0101ffffffff07, bytes of a passive segment"
  })
  void lengthThatLiesIsRefusedBeforeAnythingIsAllocated(int section, String content, String what) {
    byte[] module = module(section, HexFormat.of().parseHex(content));
    ModuleException e = assertThrows(ModuleException.class, () -> LengthsScan.check(module), what);
    assertTrue(e.getMessage().contains("it announces 2147483647 where"), e.getMessage());
  }

  @Test
  void realModulesPass() throws IOException {
    for (Path file : List.of(Guests.PUPPET, Guests.RUST_POLICY, Guests.MINIMAL)) {
      byte[] module = Files.readAllBytes(file);
      assertDoesNotThrow(() -> LengthsScan.check(module), file.toString());
    }
  }

  @Test
  void randomModulesPass() throws IOException {
    SmithModules.each(
        SMITH,
        (seed, module) -> assertDoesNotThrow(() -> LengthsScan.check(module), "seed " + seed));
  }

  private static byte[] module(int section, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    out.write(section);
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }
}
