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

  private static final int HEADER_BYTES = 8;
  private static final int CUSTOM_SECTION = 0;
  private static final int MEMORY_SECTION = 5;
  private static final int LIMITS_64_BIT = 4;
  private static final int LIMITS_MAXIMUM = 1;

  /** More than any toolchain writes; a list in a hostile file may be as long as the file. */
  private static final int MOST_ENTRIES = 64;

  private final byte[] bytes;
  private int at = HEADER_BYTES;
  private final List<Producer> producers = new ArrayList<>();
  private final Set<Feature> features = EnumSet.noneOf(Feature.class);

  private RawModule(byte[] bytes) {
    this.bytes = bytes;
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
    while (at < bytes.length) {
      int id = bytes[at++];
      int end = end(u32());
      if (id == CUSTOM_SECTION) {
        switch (text()) {
          case "producers" -> readProducers();
          case "target_features" -> targetFeatures();
          default -> {}
        }
      } else if (id == MEMORY_SECTION) {
        memories();
      }
      at = end;
    }
  }

  private void readProducers() {
    long fields = u32();
    for (long i = 0; i < fields; i++) {
      String field = text();
      long values = u32();
      for (long j = 0; j < values && producers.size() < MOST_ENTRIES; j++) {
        producers.add(new Producer(field, text(), text()));
      }
    }
  }

  private void targetFeatures() {
    long count = u32();
    for (long i = 0; i < count && i < MOST_ENTRIES; i++) {
      boolean used = bytes[at++] == '+';
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
    long count = u32();
    for (long i = 0; i < count && i < MOST_ENTRIES; i++) {
      int flags = bytes[at++];
      if ((flags & LIMITS_64_BIT) != 0) {
        features.add(Feature.MEMORY64);
        return;
      }
      u32();
      if ((flags & LIMITS_MAXIMUM) != 0) {
        u32();
      }
    }
  }

  private String text() {
    int length = (int) u32();
    int end = end(length);
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at = end;
    return text;
  }

  private int end(long size) {
    long end = at + size;
    if (size < 0 || end > bytes.length) {
      throw new IndexOutOfBoundsException();
    }
    return (int) end;
  }

  private long u32() {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }
}
