package io.sentinel.agent.wasm;

import java.io.ByteArrayOutputStream;
import java.util.function.IntPredicate;

/**
 * Leaves of a module what its instances need when the functions are compiled: bodies of compiled
 * functions become a trap that nobody meets, and custom sections go. The decoded instructions are
 * most of what a module takes on the heap, and decoding and checking them most of reading it.
 */
final class Skeleton {

  /** Its size, no locals, {@code unreachable}, {@code end}. */
  private static final byte[] NO_BODY = {3, 0, 0x00, 0x0b};

  private final ModuleReader in;
  private final byte[] bytes;
  private final IntPredicate kept;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Skeleton(byte[] module, IntPredicate kept) {
    this.in = new ModuleReader(module);
    this.bytes = module;
    this.kept = kept;
  }

  /**
   * The skeleton of a module that the engine's parser has taken.
   *
   * @param kept the bodies that stay, by their place in the code section
   */
  static byte[] of(byte[] module, IntPredicate kept) {
    return new Skeleton(module, kept).sections();
  }

  private byte[] sections() {
    out.write(bytes, 0, in.at());
    while (in.hasMore()) {
      int start = in.at();
      int id = in.next();
      int end = in.end(in.u32());
      switch (id) {
        case ModuleReader.CUSTOM_SECTION -> {}
        case ModuleReader.CODE_SECTION -> {
          byte[] code = bodies();
          out.write(id);
          ModuleReader.u32(out, code.length);
          out.writeBytes(code);
        }
        default -> out.write(bytes, start, end - start);
      }
      in.moveTo(end);
    }
    return out.toByteArray();
  }

  private byte[] bodies() {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    int count = (int) in.u32();
    ModuleReader.u32(code, count);
    for (int i = 0; i < count; i++) {
      int start = in.at();
      int end = in.end(in.u32());
      if (kept.test(i)) {
        code.write(bytes, start, end - start);
      } else {
        code.writeBytes(NO_BODY);
      }
      in.moveTo(end);
    }
    return code.toByteArray();
  }
}
