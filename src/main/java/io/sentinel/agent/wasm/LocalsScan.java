package io.sentinel.agent.wasm;

/**
 * Counts the local variables that a module declares, before the engine's parser sees it: a run of
 * locals takes a few bytes in the file and one entry for each of them on the heap, so that 40 KB of
 * module could take all of the host's memory. Looks at nothing else; what is malformed is left to
 * the parser to say.
 */
final class LocalsScan {

  /** As many as engines commonly allow in one function. */
  private static final long PER_FUNCTION = 50_000;

  private static final long PER_MODULE = 2_000_000;

  private final ModuleReader in;

  private LocalsScan(byte[] bytes) {
    this.in = new ModuleReader(bytes);
  }

  /**
   * Checks a module's bytes.
   *
   * @throws ModuleException if they declare too many locals
   */
  static void check(byte[] module) {
    try {
      new LocalsScan(module).sections();
    } catch (IndexOutOfBoundsException e) {
      return; // cut off: the parser will say where
    }
  }

  private void sections() {
    while (in.hasMore()) {
      int id = in.next();
      int end = in.end(in.u32());
      if (id == ModuleReader.CODE_SECTION) {
        functions();
        return;
      }
      in.moveTo(end);
    }
  }

  private void functions() {
    long count = in.u32();
    long total = 0;
    for (long i = 0; i < count; i++) {
      int end = in.end(in.u32());
      long locals = locals();
      total += locals;
      if (locals > PER_FUNCTION || total > PER_MODULE) {
        throw new ModuleException(
            "it declares too many locals: %d are the limit of a function, %d of a module"
                .formatted(PER_FUNCTION, PER_MODULE));
      }
      in.moveTo(end);
    }
  }

  private long locals() {
    long runs = in.u32();
    long locals = 0;
    for (long i = 0; i < runs; i++) {
      locals += in.u32();
      in.valueType();
    }
    return locals;
  }
}
