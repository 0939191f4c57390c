package io.sentinel.agent.wasm;

import io.sentinel.agent.wasm.ModuleDescription.Producer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What can be told from a module's bytes without the engine's parser, also where that refuses them:
 * who made it, and what its compiler says it needs (the custom sections {@code producers} and
 * {@code target_features} of the tool conventions), and memories of 64 bits. What is malformed is
 * left out.
 */
final class RawModule {

  private static final int LIMITS_64_BIT = 4;
  private static final int LIMITS_MAXIMUM = 1;

  /** More than any toolchain writes; a list in a hostile file may be as long as the file. */
  private static final int MOST_ENTRIES = 64;

  private final ModuleReader in;
  private final List<Producer> producers = new ArrayList<>();
  private final Set<Feature> features = EnumSet.noneOf(Feature.class);

  private RawModule(byte[] bytes) {
    this.in = new ModuleReader(bytes);
  }

  static RawModule of(byte[] bytes) {
    RawModule module = new RawModule(bytes);
    try {
      module.sections();
    } catch (IndexOutOfBoundsException e) {
      return module; // cut off: what was read before holds
    }
    return module;
  }

  List<Producer> producers() {
    return List.copyOf(producers);
  }

  Set<Feature> features() {
    return features;
  }

  private void sections() {
    while (in.hasMore()) {
      int id = in.next();
      int end = in.end(in.u32());
      if (id == ModuleReader.CUSTOM_SECTION) {
        switch (text()) {
          case "producers" -> readProducers();
          case "target_features" -> targetFeatures();
          default -> {}
        }
      } else if (id == ModuleReader.MEMORY_SECTION) {
        memories();
      }
      in.moveTo(end);
    }
  }

  private void readProducers() {
    long fields = in.u32();
    for (long i = 0; i < fields; i++) {
      String field = text();
      long values = in.u32();
      for (long j = 0; j < values && producers.size() < MOST_ENTRIES; j++) {
        producers.add(new Producer(field, text(), text()));
      }
    }
  }

  private void targetFeatures() {
    long count = in.u32();
    for (long i = 0; i < count && i < MOST_ENTRIES; i++) {
      boolean used = in.next() == '+';
      String name = text();
      if (used) {
        declared(name);
      }
    }
  }

  /** Only what the module's own instructions cannot show where the parser refuses them. */
  private void declared(String name) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "simd128", "relaxed-simd" -> features.add(Feature.SIMD);
      case "atomics", "shared-mem" -> features.add(Feature.THREADS);
      case "exception-handling" -> features.add(Feature.EXCEPTIONS);
      case "gc" -> features.add(Feature.GC);
      default -> {}
    }
  }

  private void memories() {
    long count = in.u32();
    for (long i = 0; i < count && i < MOST_ENTRIES; i++) {
      int flags = in.next();
      if ((flags & LIMITS_64_BIT) != 0) {
        features.add(Feature.MEMORY64);
        return;
      }
      in.u32();
      if ((flags & LIMITS_MAXIMUM) != 0) {
        in.u32();
      }
    }
  }

  private String text() {
    long length = in.u32();
    int from = in.at();
    int end = in.end(length);
    in.moveTo(end);
    return new String(in.bytes(), from, end - from, StandardCharsets.UTF_8);
  }
}
