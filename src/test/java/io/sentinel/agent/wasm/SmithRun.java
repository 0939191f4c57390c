package io.sentinel.agent.wasm;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.ValType;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * One random module in one of the engine's modes, step by step: loaded, started, asked about a
 * request and a response as the agent does, and then each of its functions called by itself. After
 * each step stands what came of it, and a checksum of memories, globals and tables.
 */
final class SmithRun {

  /** What no verdict can be built upon: it ends the steps of both modes. */
  enum Stop {
    NONE,
    TIMEOUT,
    STACK
  }

  /** What came of a step, and whether the module can go on. */
  record Step(String name, String result, long state, Stop stop) {

    boolean agreesWith(Step other) {
      return name.equals(other.name) && result.equals(other.result) && state == other.state;
    }
  }

  private static final AgentEvent REQUEST =
      new AgentEvent.RequestHeaders(
          "c-1",
          "GET",
          "/smith?a=b",
          "192.0.2.7",
          Optional.empty(),
          List.of(new Header("accept", List.of("text/html", "*/*"))));
  private static final AgentEvent RESPONSE =
      new AgentEvent.ResponseHeaders("c-1", 200, List.of(new Header("server", List.of("x"))));

  private static final long[] NUMBERS = {0, 1, -1, 1024, 0x7fff_ffff, 0x8000_0000L, 7, 65_535};
  private static final int FUEL = 2_000;
  private static final int MOST_FUNCTIONS = 24;
  private static final int I32_MASK_BITS = 32;
  private static final long ENDLESS_MILLIS = 60;
  private static final long PATIENCE_MILLIS = 20_000;

  private final int seed;
  private final TimeLimit limit;
  private final List<Step> steps = new ArrayList<>();

  private SmithRun(int seed, TimeLimit limit) {
    this.seed = seed;
    this.limit = limit;
  }

  static List<Step> run(int seed, byte[] bytes, WasmEngine engine, TimeLimit limit) {
    SmithRun run = new SmithRun(seed, limit);
    run.all(bytes, engine);
    return run.steps;
  }

  private void all(byte[] bytes, WasmEngine engine) {
    CompiledModule module;
    try {
      module = engine.load(bytes);
    } catch (ModuleException e) {
      steps.add(new Step("load", "refused: " + e.getMessage(), 0, Stop.NONE));
      return;
    }
    Guest[] guest = new Guest[1];
    step(
        "start",
        null,
        () -> {
          guest[0] = module.instantiate(GuestOutput.NONE);
          return "started";
        });
    if (guest[0] == null || ended()) {
      return;
    }
    Instance instance = guest[0].instance();
    refuel(instance);
    step("request", instance, () -> guest[0].call(REQUEST).toString());
    if (ended()) {
      return;
    }
    refuel(instance);
    step("response", instance, () -> guest[0].call(RESPONSE).toString());
    for (int i = 0; i < Math.min(MOST_FUNCTIONS, instance.functionCount()) && !ended(); i++) {
      refuel(instance);
      call(instance, i);
    }
  }

  private boolean ended() {
    return steps.getLast().stop() != Stop.NONE;
  }

  /** The last global holds the fuel (wasm-smith's ensure_termination). */
  private void refuel(Instance instance) {
    if (!SmithModules.isEndless(seed)) {
      instance.global(instance.globalCount() - 1).setValue(FUEL);
    }
  }

  private void call(Instance instance, int function) {
    FunctionType type = instance.type(instance.functionType(function));
    if (type.params().stream().anyMatch(p -> !isNumber(p) && !isNullable(p))) {
      return;
    }
    List<Long> args = new ArrayList<>();
    for (int i = 0; i < type.params().size(); i++) {
      ValType param = type.params().get(i);
      long number = NUMBERS[Math.floorMod(seed + function * 3 + i, NUMBERS.length)];
      args.add(isNumber(param) ? number : -1); // -1 is the engine's null
      if (param.equals(ValType.V128)) {
        args.add(number);
      }
    }
    step(
        "function " + function,
        instance,
        () ->
            results(
                type.returns(),
                instance
                    .getMachine()
                    .call(function, args.stream().mapToLong(Long::longValue).toArray())));
  }

  private static boolean isNumber(ValType type) {
    return type.equals(ValType.I32)
        || type.equals(ValType.I64)
        || type.equals(ValType.F32)
        || type.equals(ValType.F64)
        || type.equals(ValType.V128);
  }

  private static boolean isNullable(ValType type) {
    return type.equals(ValType.FuncRef) || type.equals(ValType.ExternRef);
  }

  /** As the types say: above the 32 bits of an i32 or f32 the modes may leave what they like. */
  private static String results(List<ValType> types, long[] values) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    for (ValType type : types) {
      int slots = type.equals(ValType.V128) ? 2 : 1;
      for (int i = 0; i < slots; i++) {
        long value = values[at++];
        boolean wide = slots == 2 || type.equals(ValType.I64) || type.equals(ValType.F64);
        text.append(wide ? value : value << I32_MASK_BITS >> I32_MASK_BITS).append(' ');
      }
    }
    return text.toString();
  }

  private void step(String name, Instance instance, Supplier<String> work) {
    TimeLimit.Ended<Object> ended =
        limit.run(
            SmithModules.isEndless(seed) ? ENDLESS_MILLIS : PATIENCE_MILLIS,
            () -> {
              try {
                return work.get();
              } catch (Throwable e) {
                return e;
              }
            });
    String result =
        ended.value() instanceof Throwable e
            ? (e instanceof ModuleException || e instanceof GuestException
                ? String.valueOf(e.getMessage())
                : WasmEngine.describe(e))
            : String.valueOf(ended.value());
    // Only one of the modes says where.
    result = result.replaceAll("(out of bounds memory access) at [0-9]+$", "$1");
    boolean exhausted = result.contains("call stack exhausted");
    Stop stop = ended.interrupted() ? Stop.TIMEOUT : exhausted ? Stop.STACK : Stop.NONE;
    steps.add(new Step(name, result, instance == null ? 0 : state(instance), stop));
  }

  private static long state(Instance instance) {
    CRC32C crc = new CRC32C();
    int memories = instance.module().memorySection().map(MemorySection::memoryCount).orElse(0);
    for (int i = 0; i < memories; i++) {
      crc.update(((GuestMemory) instance.memory(i)).array());
    }
    for (int i = 0; i < instance.globalCount(); i++) {
      GlobalInstance global = instance.global(i);
      boolean narrow = global.getType().equals(ValType.I32) || global.getType().equals(ValType.F32);
      put(crc, narrow ? (int) global.getValueLow() : global.getValueLow());
      put(crc, global.getType().equals(ValType.V128) ? global.getValueHigh() : 0);
    }
    for (int i = 0; i < instance.tableCount(); i++) {
      TableInstance table = instance.table(i);
      put(crc, table.size());
      for (int j = 0; j < table.size(); j++) {
        put(crc, table.ref(j));
      }
    }
    return crc.getValue();
  }

  private static void put(CRC32C crc, long value) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (value >>> shift));
    }
  }
}
