package io.sentinel.agent.wasm;

/**
 * Looks whether what a module announces can be there: the engine's parser allocates what a length
 * says before it reads, and seventeen bytes could ask for gigabytes. Each thing counted takes a
 * byte at least. What is not known here is left to the parser.
 */
final class LengthsScan {

  private static final int REC = 0x4e;
  private static final int SUB_FINAL = 0x4f;
  private static final int SUB = 0x50;
  private static final int ARRAY = 0x5e;
  private static final int STRUCT = 0x5f;
  private static final int FUNCTION = 0x60;

  private final ModuleReader in;
  private int end;

  private LengthsScan(byte[] bytes) {
    this.in = new ModuleReader(bytes);
  }

  /**
   * Checks a module's bytes.
   *
   * @throws ModuleException if they announce more than there is
   */
  static void check(byte[] module) {
    try {
      new LengthsScan(module).sections();
    } catch (IndexOutOfBoundsException | UnsupportedOperationException e) {
      return; // cut off, or not known: the parser will say
    }
  }

  private void sections() {
    while (in.hasMore()) {
      int id = in.next();
      end = in.end(in.u32());
      switch (id) {
        case ModuleReader.CUSTOM_SECTION -> name();
        case ModuleReader.IMPORT_SECTION -> times(counted(), this::imported);
        case ModuleReader.EXPORT_SECTION -> times(counted(), this::exported);
        case ModuleReader.TYPE_SECTION -> times(counted(), this::type);
        case ModuleReader.ELEMENT_SECTION -> times(counted(), this::element);
        case ModuleReader.DATA_SECTION -> times(counted(), this::data);
        default -> {}
      }
      in.moveTo(end);
    }
  }

  /** A number of things that follow, each of a byte at least. */
  private int counted() {
    long count = in.u32();
    if (count > end - in.at()) {
      throw new ModuleException(
          "it is not a valid module: it announces %d where %d bytes are left"
              .formatted(count, Math.max(0, end - in.at())));
    }
    return (int) count;
  }

  private static void times(int count, Runnable each) {
    for (int i = 0; i < count; i++) {
      each.run();
    }
  }

  private void name() {
    in.skip(counted());
  }

  private void imported() {
    name();
    name();
    switch (in.next()) {
      case 0 -> in.u32(); // a function's type
      case 1 -> {
        in.valueType();
        limits();
      }
      case 2 -> limits();
      case 3 -> field(); // a global, described as a field is
      case 4 -> {
        in.next();
        in.u32(); // a tag's type
      }
      default -> throw new UnsupportedOperationException();
    }
  }

  private void limits() {
    boolean most = (in.next() & 1) != 0;
    i64();
    if (most) {
      i64();
    }
  }

  private void exported() {
    name();
    in.next();
    in.u32();
  }

  private void type() {
    int form = in.next();
    if (form == REC) {
      times(counted(), () -> subType(in.next()));
    } else {
      subType(form);
    }
  }

  private void subType(int form) {
    if (form == SUB || form == SUB_FINAL) {
      times(counted(), in::u32);
      compositeType(in.next());
    } else {
      compositeType(form);
    }
  }

  private void compositeType(int form) {
    switch (form) {
      case FUNCTION -> {
        times(counted(), in::valueType);
        times(counted(), in::valueType);
      }
      case STRUCT -> times(counted(), this::field);
      case ARRAY -> field();
      default -> throw new UnsupportedOperationException();
    }
  }

  private void field() {
    in.valueType();
    in.next(); // whether it can be changed
  }

  /** The flags' bits: not at a place, of a table by number (or declared only), as expressions. */
  private void element() {
    int flags = in.next();
    boolean expressions = (flags & 4) != 0;
    if ((flags & 1) == 0) {
      if ((flags & 2) != 0) {
        in.u32();
      }
      expression();
    }
    if ((flags & 3) != 0) {
      in.valueType(); // or the kind of element, of one byte as well
    }
    times(counted(), expressions ? this::expression : in::u32);
  }

  private void data() {
    int mode = in.next();
    if (mode == 2) {
      in.u32();
    }
    if (mode != 1) {
      expression();
    }
    in.skip(counted());
  }

  /** Passes over a constant expression. */
  private void expression() {
    for (int opcode = in.next(); opcode != 0x0b; opcode = in.next()) {
      switch (opcode) {
        case 0x23, 0x41, 0xd0, 0xd2 -> in.u32(); // global.get, i32.const, ref.null, ref.func
        case 0x42 -> i64();
        case 0x43 -> in.skip(4); // f32.const
        case 0x44 -> in.skip(8); // f64.const
        case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e -> {} // add, sub, mul
        default -> throw new UnsupportedOperationException();
      }
    }
  }

  private void i64() {
    while (in.next() >= 0x80) {
      // a byte of the number, and another follows
    }
  }
}
