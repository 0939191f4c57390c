package io.sentinel.agent.wasm;

import io.sentinel.agent.wasm.SmithRun.Step;
import io.sentinel.agent.wasm.SmithRun.Stop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Random modules through the guest room, once with the engine's interpreter and once with its
 * compiler, in one process: they must agree, step by step. {@code bin/smith} runs many; {@link
 * SmithTest} a few in each build.
 */
final class SmithDuel {

  private static final int STACK_BYTES = 2 * 1024 * 1024;

  private static final Pattern TAIL_CALL =
      Pattern.compile("Index \\d+ out of bounds for length \\d+|ArrayIndexOutOfBoundsException");

  /** Two texts for one trap: of an atomic access either reason is right. */
  private static final List<Pattern> SAME_TRAPS =
      List.of(
          Pattern.compile("^(out of bounds memory access|unaligned atomic)$"),
          Pattern.compile("null reference$"),
          Pattern.compile("^Cannot throw exception because"));

  private final WasmEngine interpreter =
      new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.INTERPRETED, ImportPolicy.WASI);
  private final WasmEngine compiler =
      new WasmEngine(GuestLimits.DEFAULT, WasmEngine.Mode.COMPILED, ImportPolicy.WASI);
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<Integer, String> differences = new TreeMap<>();

  /** How often each thing came about. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** What the modes did not agree about, by the module's seed. */
  Map<Integer, String> differences() {
    return differences;
  }

  void fight(int seed, byte[] module, TimeLimit limit) {
    List<Step> interpreted = SmithRun.run(seed, module, interpreter, limit);
    List<Step> compiled = SmithRun.run(seed, module, compiler, limit);
    count("modules");
    for (int i = 0; i < Math.min(interpreted.size(), compiled.size()); i++) {
      Step one = interpreted.get(i);
      Step other = compiled.get(i);
      if (one.stop() != Stop.NONE || other.stop() != Stop.NONE) {
        // How deep the stack is, and how far a call got in its time, is each mode's own affair.
        count("no verdict: " + (one.stop() == Stop.NONE ? other.stop() : one.stop()));
        return;
      }
      if (other.result().contains("the engine cannot compile it")) {
        count("no verdict: " + kind(other));
        return;
      }
      Optional<String> known = known(one, other);
      if (known.isPresent()) {
        count("known difference: " + known.get());
        return;
      }
      if (!one.agreesWith(other)) {
        differences.put(seed, one + "\n   and " + other);
        return;
      }
      count("steps that agree");
      count(kind(one));
    }
    if (interpreted.size() != compiled.size()) {
      differences.put(seed, interpreted.getLast() + "\n   and " + compiled.getLast());
    }
  }

  /** What is known of the engine and cannot be mended from outside; docs/engine.md has the list. */
  private static Optional<String> known(Step interpreted, Step compiled) {
    if (TAIL_CALL.matcher(interpreted.result()).find()) {
      return Optional.of("tail call of a function to itself, in the interpreter");
    }
    boolean sameTrap =
        SAME_TRAPS.stream()
            .anyMatch(
                trap ->
                    trap.matcher(interpreted.result()).find()
                        && trap.matcher(compiled.result()).find());
    return sameTrap
            && interpreted.state() == compiled.state()
            && !interpreted.result().equals(compiled.result())
        ? Optional.of("one trap, two texts")
        : Optional.empty();
  }

  private static String kind(Step step) {
    String name = step.name().startsWith("function") ? "function" : step.name();
    String result =
        step.result().replaceAll("-?[0-9]+", "N").replaceAll(" Exception Details.*", "");
    return name + ": " + (result.matches("(N )*") ? "returns" : result.lines().findFirst().get());
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** Runs it with the stack that the agent's threads have. */
  static void onAGuestsStack(Runnable work) throws InterruptedException {
    Thread thread = new Thread(null, work, "guest", STACK_BYTES);
    thread.start();
    thread.join();
  }

  public static void main(String[] args) throws InterruptedException {
    SmithDuel duel = new SmithDuel();
    onAGuestsStack(() -> duel.fightAll(Path.of(args[0])));
    System.exit(duel.differences.isEmpty() && duel.counts.get("modules") > 0 ? 0 : 1);
  }

  private void fightAll(Path file) {
    long start = System.nanoTime();
    try (TimeLimit limit = new TimeLimit()) {
      SmithModules.each(
          file,
          (seed, module) -> {
            fight(seed, module, limit);
            if (differences.containsKey(seed)) {
              keep(seed, module);
            }
          });
      counts.forEach((what, count) -> System.out.printf("%8d  %s%n", count, what));
      System.out.printf(
          "%8d  ms at most from an interrupt to the call's end%n", limit.longestOvertimeMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    differences.forEach((seed, text) -> System.out.printf("seed %d: %s%n", seed, text));
    System.out.printf(
        "%d differences, %d s, heap of %d MiB%n",
        differences.size(),
        (System.nanoTime() - start) / 1_000_000_000,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static void keep(int seed, byte[] module) {
    try {
      Files.write(Path.of("target/smith/" + seed + ".wasm"), module);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
