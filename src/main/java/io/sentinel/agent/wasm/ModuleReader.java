package io.sentinel.agent.wasm;

import java.io.ByteArrayOutputStream;

/**
 * Reads the bytes of a module from front to back (WebAssembly specification, section 5), for the
 * looks that are taken before the engine's parser sees them. Beyond the end it throws {@link
 * IndexOutOfBoundsException}: what is cut off is left to the parser to say.
 */
final class ModuleReader {

  static final int CUSTOM_SECTION = 0;
  static final int TYPE_SECTION = 1;
  static final int IMPORT_SECTION = 2;
  static final int MEMORY_SECTION = 5;
  static final int EXPORT_SECTION = 7;
  static final int ELEMENT_SECTION = 9;
  static final int CODE_SECTION = 10;
  static final int DATA_SECTION = 11;

  private static final int HEADER_BYTES = 8;

  private final byte[] bytes;
  private int at = HEADER_BYTES;

  ModuleReader(byte[] module) {
    this.bytes = module;
  }

  byte[] bytes() {
    return bytes;
  }

  int at() {
    return at;
  }

  void moveTo(int position) {
    at = position;
  }

  void skip(int count) {
    at = end(count);
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  /** The next byte, as unsigned. */
  int next() {
    return Byte.toUnsignedInt(bytes[at++]);
  }

  /** An unsigned number of 32 bits in LEB128; signed ones can be passed over with it, too. */
  long u32() {
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

  /** Writes such a number. */
  static void u32(ByteArrayOutputStream out, long number) {
    long left = number;
    while (left > 0x7f) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  /** Where so many bytes end. */
  int end(long size) {
    long end = at + size;
    if (end > bytes.length) {
      throw new IndexOutOfBoundsException();
    }
    return (int) end;
  }

  /** Passes over a type of values. */
  void valueType() {
    int type = next();
    if (type == 0x63 || type == 0x64) {
      u32(); // a reference to a type of the module's
    }
  }
}
