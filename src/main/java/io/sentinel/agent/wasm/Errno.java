package io.sentinel.agent.wasm;

/** The results of WASI's functions, as far as they are returned here. */
final class Errno {

  static final int SUCCESS = 0;

  /** No such file descriptor. */
  static final int BADF = 8;

  /** An address outside the memory. */
  static final int FAULT = 21;

  static final int INVAL = 28;
  static final int NOTSUP = 58;

  /** Not a thing to seek in. */
  static final int SPIPE = 70;

  private Errno() {}
}
