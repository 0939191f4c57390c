package io.sentinel.agent.cli;

import io.quarkus.runtime.ImageMode;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleCache;
import io.sentinel.agent.wasm.ModuleException;
import io.sentinel.agent.wasm.WasmEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Reads, checks and compiles the module's file, in a bounded time. */
final class ModuleLoader {

  private static final Logger LOG = Logger.getLogger(ModuleLoader.class);

  /** Of the functions that could not be compiled: one line has to do. */
  private static final int MOST_NAMED = 10;

  private final Path file;
  private final GuestLimits limits;
  private final ImportPolicy imports;
  private final ModuleCache cache;
  private final Duration timeout;

  ModuleLoader(
      Path file, GuestLimits limits, ImportPolicy imports, ModuleCache cache, Duration timeout) {
    this.file = file;
    this.limits = limits;
    this.imports = imports;
    this.cache = cache;
    this.timeout = timeout;
  }

  Path file() {
    return file;
  }

  /**
   * Loads what the file holds now, on a thread of its own: neither the parser nor the compiler ends
   * when it is told to. (What a script does at its load does.)
   *
   * @throws ModuleException if it cannot be used
   */
  CompiledModule load() {
    FutureTask<CompiledModule> task =
        new FutureTask<>(() -> new WasmEngine(limits, mode(), imports, cache).load(file));
    Thread.ofPlatform().daemon().name("wasm-load").start(task);
    try {
      CompiledModule module = task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      warnOfInterpreted(module.interpreted());
      return module;
    } catch (ExecutionException e) {
      throw unwrap(e.getCause());
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new ModuleException("it was not loaded within %d ms".formatted(timeout.toMillis()), e);
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw new ModuleException("loading it was interrupted", e);
    }
  }

  private void warnOfInterpreted(List<String> functions) {
    if (!functions.isEmpty()) {
      LOG.warnf(
          "%s: %d of its functions are too large to be compiled and run in the interpreter, some"
              + " hundred times slower: %s%s",
          file,
          functions.size(),
          String.join(", ", functions.subList(0, Math.min(MOST_NAMED, functions.size()))),
          functions.size() > MOST_NAMED ? ", …" : "");
    }
  }

  /** A native executable can make no code at run time. */
  private static WasmEngine.Mode mode() {
    return ImageMode.current() == ImageMode.NATIVE_RUN
        ? WasmEngine.Mode.INTERPRETED
        : WasmEngine.Mode.COMPILED;
  }

  private static RuntimeException unwrap(@Nullable Throwable cause) {
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }
}
