package io.sentinel.agent.wasm;

/** What WebAssembly has got since its first version, under its proposals' names. */
public enum Feature {
  SIGN_EXTENSION("sign extension"),
  SATURATING_TRUNCATION("saturating truncation"),
  MULTI_VALUE("multi-value"),
  BULK_MEMORY("bulk memory"),
  REFERENCE_TYPES("reference types"),
  EXTENDED_CONST("extended constants"),
  TAIL_CALLS("tail calls"),
  SIMD("SIMD"),
  MULTI_MEMORY("multi-memory"),
  FUNCTION_REFERENCES("typed function references"),
  EXCEPTIONS("exceptions"),
  THREADS("threads"),
  MEMORY64("memory64"),
  GC("GC");

  private final String label;

  Feature(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
