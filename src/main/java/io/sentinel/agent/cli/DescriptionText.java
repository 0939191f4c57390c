package io.sentinel.agent.cli;

import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wasm.Feature;
import io.sentinel.agent.wasm.ModuleDescription;
import io.sentinel.agent.wasm.ModuleDescription.Compiled;
import io.sentinel.agent.wasm.ModuleDescription.Export;
import io.sentinel.agent.wasm.ModuleDescription.Memory;
import io.sentinel.agent.wasm.ModuleDescription.Parts;
import io.sentinel.agent.wasm.ModuleDescription.Reference;
import io.sentinel.agent.wasm.ModuleDescription.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Prints a module's description for a person. */
final class DescriptionText {

  private static final int PAGE_KIB = 64;
  private static final int MOST_NAMED = 10;

  private final PrintWriter out;

  private DescriptionText(PrintWriter out) {
    this.out = out;
  }

  static void print(Path file, ModuleDescription module, PrintWriter out) {
    new DescriptionText(out).print(file, module);
  }

  private void print(Path file, ModuleDescription module) {
    line(file.toString(), "%,d bytes".formatted(module.bytes()));
    module
        .producers()
        .forEach(
            p -> line(LogText.of(p.field()), LogText.of((p.name() + " " + p.version()).strip())));
    module.parts().ifPresent(this::parts);
    line(
        "features",
        module.features().isEmpty()
            ? "those of the first version"
            : module.features().stream().map(Feature::label).collect(Collectors.joining(", ")));
    module.compiled().ifPresent(this::compiled);
    module
        .started()
        .ifPresent(
            started ->
                line(
                    "first instance",
                    "in %.1f ms, with %,d KiB of memory"
                        .formatted(started.took().toNanos() / 1e6, started.memoryBytes() / 1024)));
    line("here", module.problem().map(p -> "refused: " + p).orElse("loads"));
    line("in the Rust agent 0.1.0", reference(module.reference()));
  }

  private void parts(Parts parts) {
    parts.exports().forEach(this::export);
    line("imports", parts.imports().isEmpty() ? "none" : String.valueOf(parts.imports().size()));
    parts
        .imports()
        .forEach(
            i ->
                out.printf(
                    "  %s.%s (%s): %s%n",
                    LogText.of(i.module()),
                    LogText.of(i.name()),
                    i.kind(),
                    i.offered() ? "offered" : "not offered"));
    line("memories", some(parts.memories().stream().map(DescriptionText::memory).toList()));
    line("tables", some(parts.tables().stream().map(DescriptionText::table).toList()));
    line("start section", parts.startSection() ? "yes" : "no");
    line("functions", "%,d".formatted(parts.functions()));
  }

  private void export(Export export) {
    line(
        "export " + export.name() + (export.wanted().startsWith("(") ? " " + export.wanted() : ""),
        export.actual().orElse(export.presence().label()));
  }

  private void compiled(Compiled compiled) {
    int count = compiled.interpreted().size();
    String slow =
        count == 0
            ? "all functions"
            : "all functions but %d, which are slow: %s"
                .formatted(count, some(compiled.interpreted()));
    line("compiled", "in %,d ms, %s".formatted(compiled.took().toMillis(), slow));
  }

  private static String reference(Reference reference) {
    String verdict =
        reference.refusals().isEmpty()
            ? "loads"
            : "fails on each event: " + String.join("; ", reference.refusals());
    return reference.remarks().isEmpty()
        ? verdict
        : verdict + " (" + String.join("; ", reference.remarks()) + ")";
  }

  private static String memory(Memory memory) {
    return "%,d pages (%,d KiB)%s%s"
        .formatted(
            memory.initialPages(),
            (long) memory.initialPages() * PAGE_KIB,
            memory.maximumPages().isPresent()
                ? ", at most %,d".formatted(memory.maximumPages().getAsLong())
                : "",
            memory.shared() ? ", shared" : "");
  }

  private static String table(Table table) {
    return "%,d entries of %s".formatted(table.initial(), table.elements());
  }

  private static String some(List<String> items) {
    String named =
        items.stream().limit(MOST_NAMED).map(LogText::of).collect(Collectors.joining("; "));
    int more = items.size() - MOST_NAMED;
    return items.isEmpty() ? "none" : more > 0 ? "%s; and %,d more".formatted(named, more) : named;
  }

  private void line(String name, String text) {
    out.println(name + ": " + text);
  }
}
