package io.sentinel.agent.wasm;

import java.io.ByteArrayOutputStream;

/**
 * Puts a {@code nop} before the end of each function whose last block ends there too.
 *
 * <p>The engine's parser takes two ends in a row at the end of a function for ends of the same
 * block, and its compiler then makes wrong code of branches to the function's own label: it drops
 * the value that is returned, or fails. See "Why are function bodies touched before they are
 * compiled?" in RATIONALE.md. What is malformed is left as it is, for the parser to say.
 */
final class FunctionEnds {

  private static final byte END = 0x0b;
  private static final byte NOP = 0x01;

  private final ModuleReader in;
  private final byte[] bytes;

  private FunctionEnds(byte[] bytes) {
    this.in = new ModuleReader(bytes);
    this.bytes = bytes;
  }

  /** The module with what is needed put in; the same bytes where nothing is. */
  static byte[] parted(byte[] module) {
    try {
      return new FunctionEnds(module).sections();
    } catch (IndexOutOfBoundsException e) {
      return module; // cut off: the parser will say where
    }
  }

  private byte[] sections() {
    while (in.hasMore()) {
      int start = in.at();
      int id = in.next();
      int end = in.end(in.u32());
      if (id == ModuleReader.CODE_SECTION) {
        ByteArrayOutputStream code = functions(end);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 1024);
        out.write(bytes, 0, start);
        out.write(id);
        ModuleReader.u32(out, code.size());
        out.writeBytes(code.toByteArray());
        out.write(bytes, end, bytes.length - end);
        return out.toByteArray();
      }
      in.moveTo(end);
    }
    return bytes;
  }

  private ByteArrayOutputStream functions(int sectionEnd) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(sectionEnd - in.at() + 1024);
    long count = in.u32();
    ModuleReader.u32(out, count);
    for (long i = 0; i < count; i++) {
      long size = in.u32();
      int start = in.at();
      int end = in.end(size);
      // The byte before the last may also be the end of an operand: a nop does no harm there.
      boolean twoEnds = size >= 2 && bytes[end - 1] == END && bytes[end - 2] == END;
      ModuleReader.u32(out, twoEnds ? size + 1 : size);
      if (twoEnds) {
        out.write(bytes, start, end - 1 - start);
        out.write(NOP);
        out.write(END);
      } else {
        out.write(bytes, start, end - start);
      }
      in.moveTo(end);
    }
    out.write(bytes, in.at(), sectionEnd - in.at());
    return out;
  }
}
