package io.sentinel.agent.wasm;

import static java.util.Objects.requireNonNull;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassLoadingCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.compiler.internal.MachineFactory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import io.sentinel.agent.text.LogText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A module's functions as classes that the JVM has loaded and verified, and which functions could
 * not be made one. The engine's public way to compile does the same, and keeps the latter to
 * itself; nor does its cache hand them on.
 */
final class Compilation {

  private final ClassLoadingCollector classes;
  private final int importedFunctions;

  /** The functions that are left to the interpreter, with their names, which may be empty. */
  private final SortedMap<Integer, String> interpreted;

  private Compilation(
      ClassLoadingCollector classes, int importedFunctions, SortedMap<Integer, String> left) {
    this.classes = classes;
    this.importedFunctions = importedFunctions;
    this.interpreted = left;
  }

  /** Compiles a module. */
  static Compilation of(WasmModule module) {
    CompilerResult result =
        Compiler.builder(module)
            .withInterpreterFallback(InterpreterFallback.SILENT)
            .withClassCollectorFactory(ClassLoadingCollector::new)
            .build()
            .compile();
    SortedMap<Integer, String> left = new TreeMap<>();
    result.interpretedFunctions().forEach(function -> left.put(function, name(module, function)));
    return new Compilation(
        (ClassLoadingCollector) result.collector(),
        module.importSection().count(ExternalType.FUNCTION),
        left);
  }

  private static String name(WasmModule module, int function) {
    NameCustomSection names = module.nameSection();
    String name = names == null ? null : names.nameOfFunction(function);
    return name == null ? "" : LogText.of(name);
  }

  /**
   * What makes an instance's machine.
   *
   * @param module the module that was compiled, or its {@link #skeleton}
   */
  Function<Instance, Machine> machines(WasmModule module) {
    return new MachineFactory(module, classes.machineFactory());
  }

  /**
   * All of a module that an instance needs beside the classes.
   *
   * @param module the bytes of the module that was compiled
   */
  byte[] skeleton(byte[] module) {
    return Skeleton.of(module, body -> interpreted.containsKey(importedFunctions + body));
  }

  /** The functions that are left to the interpreter, by their numbers, with their names. */
  List<String> interpreted() {
    return interpreted.entrySet().stream()
        .map(
            left ->
                left.getValue().isEmpty()
                    ? String.valueOf(left.getKey())
                    : left.getKey() + " (" + left.getValue() + ")")
        .toList();
  }

  /** As bytes, for {@link #from}. */
  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(importedFunctions);
      out.writeInt(interpreted.size());
      for (Map.Entry<Integer, String> left : interpreted.entrySet()) {
        out.writeInt(left.getKey());
        out.writeUTF(left.getValue());
      }
      String main = classes.mainClassName();
      Map<String, byte[]> all = classes.classBytes();
      out.writeInt(all.size() - 1);
      for (Map.Entry<String, byte[]> one : all.entrySet()) {
        if (!one.getKey().equals(main)) {
          write(out, one.getKey(), one.getValue());
        }
      }
      // The last to be loaded, as after compiling: it needs the others.
      write(out, main, requireNonNull(all.get(main)));
    } catch (IOException e) {
      throw new UncheckedIOException("bytes were not written to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, String name, byte[] code) throws IOException {
    out.writeUTF(name);
    out.writeInt(code.length);
    out.write(code);
  }

  /**
   * Loads a compilation from its bytes. They become code: who calls this knows where they are from.
   *
   * @throws IOException if they are no compilation
   */
  static Compilation from(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int importedFunctions = in.readInt();
    SortedMap<Integer, String> left = new TreeMap<>();
    for (int more = in.readInt(); more > 0; more--) {
      left.put(in.readInt(), in.readUTF());
    }
    ClassLoadingCollector classes = new ClassLoadingCollector();
    for (int more = in.readInt(); more > 0; more--) {
      classes.put(in.readUTF(), code(in));
    }
    classes.putMainClass(in.readUTF(), code(in));
    classes.machineFactory(); // which is kept; it sees whether these are classes of the right kind
    return new Compilation(classes, importedFunctions, left);
  }

  private static byte[] code(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException(
          "a class of %d bytes, of which there are not so many".formatted(length));
    }
    return in.readNBytes(length);
  }
}
