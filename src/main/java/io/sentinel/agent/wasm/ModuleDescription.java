package io.sentinel.agent.wasm;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a module is, and whether it can be used. Texts are the module's own: escape them before they
 * are printed.
 *
 * @param bytes the file's size
 * @param producers what the producers section names
 * @param parts what is in it, if the engine can read it
 * @param features those it needs beyond the first version; what is known of them where it cannot be
 *     read
 * @param compiled how compiling went, if it came to that
 * @param started how making the first instance went, if it came to that
 * @param problem why it cannot be used here; empty if it can
 * @param reference what the Rust agent 0.1.0 makes of it
 */
public record ModuleDescription(
    int bytes,
    List<Producer> producers,
    Optional<Parts> parts,
    Set<Feature> features,
    Optional<Compiled> compiled,
    Optional<Started> started,
    Optional<String> problem,
    Reference reference) {

  /** A line of the producers section: {@code language}, {@code processed-by} or {@code sdk}. */
  public record Producer(String field, String name, String version) {}

  /** What is in a module. */
  public record Parts(
      int functions,
      List<Export> exports,
      List<Import> imports,
      List<Memory> memories,
      List<Table> tables,
      boolean startSection) {}

  /** Whether the module has what the ABI names. */
  public enum Presence {
    FOUND("found"),
    /** It need not be there. */
    LEFT_OUT("left out"),
    MISSING("missing"),
    /** There is something else under the name. */
    WRONG("wrong");

    private final String label;

    Presence(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * An export of the ABI.
   *
   * @param wanted its kind, a function's as {@code (i32) -> (i32)}
   * @param actual what there is, where that is wrong
   */
  public record Export(String name, String wanted, Presence presence, Optional<String> actual) {}

  /** An import. */
  public record Import(String module, String name, String kind, boolean offered) {}

  /** A memory; sizes in pages of 64 KiB. */
  public record Memory(int initialPages, OptionalLong maximumPages, boolean shared) {}

  /** A table. */
  public record Table(String elements, long initial, OptionalLong maximum) {}

  /**
   * A compilation.
   *
   * @param interpreted functions too large to be compiled, by name or number: they are slow
   */
  public record Compiled(Duration took, List<String> interpreted) {}

  /**
   * A first instance.
   *
   * @param memoryBytes what its memory had grown to
   */
  public record Started(Duration took, int memoryBytes) {}

  /**
   * The Rust agent's view, told from its source.
   *
   * @param refusals why each event would fail there; empty if they would not
   * @param remarks what else is different there
   */
  public record Reference(List<String> refusals, List<String> remarks) {}
}
