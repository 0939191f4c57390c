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

  private static final int HEADER_BYTES = 8;
  private static final int CODE_SECTION = 10;

  private final byte[] bytes;
  private int at = HEADER_BYTES;

  private LocalsScan(byte[] bytes) {
    this.bytes = bytes;
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
    while (at < bytes.length) {
      int id = bytes[at++];
      long size = u32();
      int end = end(size);
      if (id == CODE_SECTION) {
        functions();
        return;
      }
      at = end;
    }
  }

  private void functions() {
    long count = u32();
    long total = 0;
    for (long i = 0; i < count; i++) {
      int end = end(u32());
      long locals = locals();
      total += locals;
      if (locals > PER_FUNCTION || total > PER_MODULE) {
        throw new ModuleException(
            "it declares too many locals: %d are the limit of a function, %d of a module"
                .formatted(PER_FUNCTION, PER_MODULE));
      }
      at = end;
    }
  }

  private long locals() {
    long runs = u32();
    long locals = 0;
    for (long i = 0; i < runs; i++) {
      locals += u32();
      int type = bytes[at++];
      if (type == 0x63 || type == 0x64) {
        u32(); // a reference to a type of the module's
      }
    }
    return locals;
  }

  private int end(long size) {
    long end = at + size;
    if (end > bytes.length) {
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
