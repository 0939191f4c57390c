package io.sentinel.agent.wasm;

/** What modules are offered to import. */
public enum ImportPolicy {
  /** Nothing at all. */
  NONE("none"),
  /** The harmless part of WASI preview 1, and AssemblyScript's abort. */
  WASI("wasi");

  private final String label;

  ImportPolicy(String label) {
    this.label = label;
  }

  /** Its name in settings. */
  public String label() {
    return label;
  }
}
