package io.sentinel.agent.cli;

import io.sentinel.agent.wasm.Feature;
import io.sentinel.agent.wasm.ModuleDescription;
import io.sentinel.agent.wasm.ModuleDescription.Parts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A module's description as one object, for {@code inspect --json}. */
final class DescriptionJson {

  private DescriptionJson() {}

  static Map<String, Object> of(ModuleDescription module) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("loads", module.problem().isEmpty());
    out.put("problem", module.problem());
    out.put("reference_loads", module.reference().refusals().isEmpty());
    out.put("reference_refusals", module.reference().refusals());
    out.put("reference_remarks", module.reference().remarks());
    out.put("bytes", module.bytes());
    out.put(
        "producers",
        list(
            module.producers(),
            p -> object("field", p.field(), "name", p.name(), "version", p.version())));
    out.put("features", module.features().stream().map(Feature::label).toList());
    module.parts().ifPresent(parts -> put(parts, out));
    module
        .compiled()
        .ifPresent(
            compiled -> {
              out.put("compile_ms", compiled.took().toMillis());
              out.put("interpreted", compiled.interpreted());
            });
    module
        .started()
        .ifPresent(
            started -> {
              out.put("start_us", started.took().toNanos() / 1_000);
              out.put("memory_bytes", started.memoryBytes());
            });
    return out;
  }

  private static void put(Parts parts, Map<String, Object> out) {
    out.put("functions", parts.functions());
    out.put(
        "exports",
        list(
            parts.exports(),
            e ->
                object(
                    "name", e.name(),
                    "wanted", e.wanted(),
                    "presence", e.presence().label(),
                    "problem", e.actual())));
    out.put(
        "imports",
        list(
            parts.imports(),
            i ->
                object(
                    "module", i.module(),
                    "name", i.name(),
                    "kind", i.kind(),
                    "offered", i.offered())));
    out.put(
        "memories",
        list(
            parts.memories(),
            m ->
                object(
                    "initial_pages", m.initialPages(),
                    "maximum_pages", boxed(m.maximumPages()),
                    "shared", m.shared())));
    out.put(
        "tables",
        list(
            parts.tables(),
            t ->
                object(
                    "elements", t.elements(),
                    "initial", t.initial(),
                    "maximum", boxed(t.maximum()))));
    out.put("start_section", parts.startSection());
  }

  private static Optional<Long> boxed(OptionalLong number) {
    return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
  }

  private static <T> List<Object> list(
      List<T> items, java.util.function.Function<T, Object> object) {
    return items.stream().map(object).toList();
  }

  /** Names and values in turn. */
  private static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }
}
