package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Random modules (src/test/smith): the engine's two modes agree about what each does. */
class SmithTest {

  private static final Path MODULES = Path.of("src/test/resources/smith/modules.bin.gz");

  @Test
  void interpreterAndCompilerAgree() throws Exception {
    SmithDuel duel = new SmithDuel();
    FutureTask<Void> fight = new FutureTask<>(() -> fight(duel), null);
    SmithDuel.onAGuestsStack(fight);
    fight.get();
    assertEquals(Map.of(), duel.differences());
    assertEquals(300, duel.counts().get("modules"));
    assertTrue(duel.counts().get("steps that agree") > 1_000, duel.counts().toString());
  }

  private static void fight(SmithDuel duel) {
    try (TimeLimit limit = new TimeLimit()) {
      SmithModules.each(MODULES, (seed, module) -> duel.fight(seed, module, limit));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
