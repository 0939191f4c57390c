package io.sentinel.agent.wasm;

import io.sentinel.agent.wasm.ModuleDescription.Export;
import io.sentinel.agent.wasm.ModuleDescription.Parts;
import io.sentinel.agent.wasm.ModuleDescription.Presence;
import io.sentinel.agent.wasm.ModuleDescription.Reference;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the Rust agent 0.1.0 would make of a module: it runs wasmtime 27 with its defaults, links no
 * imports, calls no {@code _initialize}, and looks up the exports when the first event comes.
 */
final class ReferenceRules {

  /** What wasmtime 27 has, but not by default. */
  private static final Set<Feature> OFF =
      EnumSet.of(Feature.GC, Feature.EXCEPTIONS, Feature.MEMORY64, Feature.FUNCTION_REFERENCES);

  private static final List<String> HANDLERS =
      List.of(GuestAbi.ON_REQUEST_HEADERS, GuestAbi.ON_RESPONSE_HEADERS);

  private ReferenceRules() {}

  static Reference unreadable() {
    return new Reference(List.of("unknown, since it cannot be read here"), List.of());
  }

  static Reference judge(Parts parts, Set<Feature> features) {
    List<String> refusals = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    if (!parts.imports().isEmpty()) {
      refusals.add("it imports %d, and none are offered".formatted(parts.imports().size()));
    }
    Set<Feature> off = EnumSet.copyOf(OFF);
    off.retainAll(features);
    if (!off.isEmpty()) {
      refusals.add("it needs " + labels(off));
    }
    for (Export export : parts.exports()) {
      boolean found = export.presence() == Presence.FOUND;
      if (export.name().equals(GuestAbi.INITIALIZE)) {
        if (found) {
          remarks.add("_initialize is not called");
        }
      } else if (HANDLERS.contains(export.name())) {
        if (export.presence() == Presence.WRONG) {
          remarks.add(export.name() + " is taken as missing");
        }
      } else if (!found) {
        refusals.add("it does not export " + export.name() + " " + export.wanted());
      }
    }
    if (parts.exports().stream().noneMatch(ReferenceRules::isHandler)) {
      refusals.add("it exports no handler");
    }
    return new Reference(List.copyOf(refusals), List.copyOf(remarks));
  }

  private static boolean isHandler(Export export) {
    return HANDLERS.contains(export.name()) && export.presence() == Presence.FOUND;
  }

  private static String labels(Set<Feature> features) {
    return features.stream().map(Feature::label).collect(Collectors.joining(", "));
  }
}
