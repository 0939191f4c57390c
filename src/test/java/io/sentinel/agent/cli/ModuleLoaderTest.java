package io.sentinel.agent.cli;

import static io.sentinel.agent.Events.eventually;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleCache;
import io.sentinel.agent.wasm.ModuleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleLoaderTest {

  @TempDir private Path folder;

  /** It is loaded anew while others serve: a core would be gone for good. */
  @ParameterizedTest
  @CsvSource({"p.lua, while true do end", "p.js, while (true);"})
  void scriptThatLoopsAtItsLoadIsStopped(String name, String source) throws IOException {
    Path file = Files.writeString(folder.resolve(name), source);
    ModuleLoader loader =
        new ModuleLoader(
            file, GuestLimits.DEFAULT, ImportPolicy.WASI, ModuleCache.NONE, Duration.ofMillis(500));
    assertThrows(ModuleException.class, loader::load);
    eventually(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("wasm-load")));
  }
}
