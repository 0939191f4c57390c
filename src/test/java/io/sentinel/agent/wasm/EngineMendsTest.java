package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.wasm.WasmEngine.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the engine would get wrong by itself (src/test/resources/engine). */
class EngineMendsTest {

  private static final Path FOLDER = Path.of("src/test/resources/engine");
  private static final AgentEvent REQUEST =
      new AgentEvent.RequestHeaders("c-1", "GET", "/", "192.0.2.7", Optional.empty(), List.of());
  private static final AgentEvent RESPONSE = new AgentEvent.ResponseHeaders("c-1", 200, List.of());

  @ParameterizedTest
  @EnumSource(Mode.class)
  void branchToTheFunctionsLabelCarriesItsValue(Mode mode) {
    Guest guest = guest("branch-to-the-functions-label", mode);
    Decision block = new Decision.Block(403, Optional.empty());
    assertEquals(block, guest.call(REQUEST).decision());
    assertEquals(block, guest.call(RESPONSE).decision());
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void storesBeyondFourGibibytesTrap(Mode mode) {
    for (int status : new int[] {100, 200, 300}) {
      Guest guest = guest("stores-beyond-4-gib", mode);
      AgentEvent event = new AgentEvent.ResponseHeaders("c-1", status, List.of());
      GuestException e = assertThrows(GuestException.class, () -> guest.call(event));
      assertEquals(AgentFailure.Code.TRAP, e.code());
      assertTrue(e.getMessage().contains("out of bounds"), e.getMessage());
    }
  }

  @Test
  void modulesWithoutTwoEndsInARowAreLeftAsTheyAre() throws IOException {
    byte[] module = Files.readAllBytes(FOLDER.resolve("stores-beyond-4-gib.wasm"));
    assertArrayEquals(module, FunctionEnds.parted(module));
  }

  @Test
  void partedModulesHaveNoTwoEndsInARowLeft() throws IOException {
    byte[] module = Files.readAllBytes(Guests.PUPPET);
    byte[] parted = FunctionEnds.parted(module);
    assertTrue(parted.length > module.length);
    assertArrayEquals(parted, FunctionEnds.parted(parted));
  }

  @Test
  void modulesCutInTheirCodeAreLeftToTheParser() throws IOException {
    byte[] module = Files.readAllBytes(FOLDER.resolve("branch-to-the-functions-label.wasm"));
    int codeEnd = indexOf(module, new byte[] {0x0b, 0x0b, 0x0b}) + 1;
    assertTrue(codeEnd > 100);
    for (int length = 8; length < codeEnd; length++) {
      byte[] cut = Arrays.copyOf(module, length);
      assertSame(cut, FunctionEnds.parted(cut), "cut at " + length);
    }
  }

  private static int indexOf(byte[] module, byte[] part) {
    for (int i = 0; i <= module.length - part.length; i++) {
      if (Arrays.equals(module, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  private static Guest guest(String name, Mode mode) {
    return new WasmEngine(GuestLimits.DEFAULT, mode, ImportPolicy.WASI)
        .load(FOLDER.resolve(name + ".wasm"))
        .instantiate(GuestOutput.NONE);
  }
}
