package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.sentinel.agent.text.LogText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads, checks and compiles modules. */
public final class WasmEngine {

  /** How a module's functions are run. */
  public enum Mode {
    /** Translated to the JVM's byte code. */
    COMPILED,
    /** One instruction after the other: where no code can be made at run time, and in tests. */
    INTERPRETED
  }

  private static final byte[] MAGIC = {0, 'a', 's', 'm', 1, 0, 0, 0};

  /** The version field of a component, which is no core module. */
  private static final int COMPONENT_VERSION = 0x0d;

  private final GuestLimits limits;
  private final Mode mode;
  private final OfferedImports imports;
  private final ModuleCache cache;

  /** One that compiles every module it is given. */
  public WasmEngine(GuestLimits limits, Mode mode, ImportPolicy imports) {
    this(limits, mode, imports, ModuleCache.NONE);
  }

  public WasmEngine(GuestLimits limits, Mode mode, ImportPolicy imports, ModuleCache cache) {
    this.limits = limits;
    this.mode = mode;
    this.imports = OfferedImports.of(imports);
    this.cache = cache;
  }

  /**
   * Loads a module from its file, or a script, which its name's end tells: .js or .lua.
   *
   * @throws ModuleException if it cannot be used
   */
  public CompiledModule load(Path file) {
    byte[] bytes = read(file);
    return ScriptEngine.of(file)
        .map(engine -> loadScript(Script.of(engine, file, bytes)))
        .orElseGet(() -> load(bytes));
  }

  private CompiledModule loadScript(Script script) {
    if (script.source().length > Script.MOST_BYTES) {
      throw new ModuleException(
          "it is larger than the limit of %d KiB for scripts".formatted(Script.MOST_BYTES >> 10));
    }
    return CompiledModule.of(script, limits);
  }

  /**
   * Loads a module from its bytes.
   *
   * @throws ModuleException if it cannot be used
   */
  public CompiledModule load(byte[] bytes) {
    byte[] prepared = prepare(bytes);
    return switch (mode) {
      case COMPILED -> loadCompiled(prepared);
      case INTERPRETED -> {
        WasmModule module = read(prepared);
        yield CompiledModule.of(
            module, check(module), InterpreterMachine::new, List.of(), limits, imports);
      }
    };
  }

  /** The module's own decoded functions are needed for compiling alone: instances do without. */
  private CompiledModule loadCompiled(byte[] prepared) {
    Compilation compilation = cache.find(prepared).orElseGet(() -> checkAndCompile(prepared));
    WasmModule skeleton = read(compilation.skeleton(prepared));
    return CompiledModule.of(
        skeleton,
        check(skeleton),
        compilation.machines(skeleton),
        compilation.interpreted(),
        limits,
        imports);
  }

  private Compilation checkAndCompile(byte[] prepared) {
    WasmModule module = read(prepared);
    check(module);
    Compilation compilation = compile(module);
    cache.keep(prepared, compilation);
    return compilation;
  }

  /**
   * Reads a module, as far as the engine can.
   *
   * @throws ModuleException if it is none
   */
  WasmModule parse(byte[] bytes) {
    return read(prepare(bytes));
  }

  /** What the engine's parser is given, after the looks that it does not take itself. */
  private byte[] prepare(byte[] bytes) {
    checkSize(bytes.length);
    checkMagic(bytes);
    LengthsScan.check(bytes);
    LocalsScan.check(bytes);
    return FunctionEnds.parted(bytes);
  }

  private static WasmModule read(byte[] prepared) {
    try {
      return Parser.parse(prepared);
    } catch (Throwable e) { // the engine throws errors too: the stack's end, the heap's end
      throw new ModuleException("it is not a valid module: " + describe(e), e);
    }
  }

  /** What the ABI needs of it. */
  GuestAbi.Exports check(WasmModule module) {
    try {
      return GuestAbi.check(module, imports);
    } catch (ModuleException e) {
      throw e;
    } catch (RuntimeException e) { // an index that the parser let pass
      throw new ModuleException("it is not a valid module: " + describe(e), e);
    }
  }

  /**
   * Valid modules fail here too: those with vector instructions, and some that catch exceptions.
   */
  static Compilation compile(WasmModule module) {
    try {
      return Compilation.of(module);
    } catch (Throwable e) { // what the engine does not expect ends in its own accidents
      throw new ModuleException("it is valid, but the engine cannot compile it: " + describe(e), e);
    }
  }

  /** The file, if it is within the limit. */
  byte[] read(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new ModuleException("it is a directory");
      }
      checkSize(Files.size(file));
      try (InputStream in = Files.newInputStream(file)) {
        // A file may be longer than its size says, or grow: never more than one byte too many.
        return in.readNBytes(limits.moduleBytes() + 1);
      }
    } catch (NoSuchFileException e) {
      throw new ModuleException("there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new ModuleException("it may not be read: permission denied", e);
    } catch (IOException e) {
      throw new ModuleException("it cannot be read: " + LogText.of(String.valueOf(e)), e);
    }
  }

  private void checkSize(long size) {
    if (size > limits.moduleBytes()) {
      throw new ModuleException(
          "it is larger than the limit of %d MiB".formatted(limits.moduleBytes() >> 20));
    }
  }

  static void checkMagic(byte[] bytes) {
    if (bytes.length >= MAGIC.length
        && bytes[0] == MAGIC[0]
        && bytes[1] == MAGIC[1]
        && bytes[2] == MAGIC[2]
        && bytes[3] == MAGIC[3]) {
      if (bytes[4] == COMPONENT_VERSION) {
        throw new ModuleException("it is a WebAssembly component, and not a core module");
      }
      return;
    }
    throw new ModuleException(
        "it is not a WebAssembly module, and its name does not end in .js or .lua");
  }

  /** One line about what the engine threw. */
  static String describe(Throwable e) {
    String text =
        switch (e) {
          case StackOverflowError _ -> "call stack exhausted";
          case OutOfMemoryError _ -> "the host's memory is exhausted";
          default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    return LogText.of(text.replace('\n', ' '));
  }
}
