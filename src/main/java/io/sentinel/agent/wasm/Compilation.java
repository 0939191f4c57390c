package io.sentinel.agent.wasm;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassLoadingCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.compiler.internal.MachineFactory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.Set;
import java.util.function.Function;

/**
 * A compilation that says what it could not compile. The engine's public way to compile does the
 * same, and keeps that to itself.
 *
 * @param interpreted the numbers of functions that are left to the interpreter
 */
record Compilation(Function<Instance, Machine> machines, Set<Integer> interpreted) {

  static Compilation of(WasmModule module) {
    CompilerResult result =
        Compiler.builder(module)
            .withInterpreterFallback(InterpreterFallback.SILENT)
            .withClassCollectorFactory(ClassLoadingCollector::new)
            .build()
            .compile();
    ClassLoadingCollector collector = (ClassLoadingCollector) result.collector();
    return new Compilation(
        new MachineFactory(module, collector.machineFactory()), result.interpretedFunctions());
  }
}
