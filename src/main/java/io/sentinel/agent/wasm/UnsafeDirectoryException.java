package io.sentinel.agent.wasm;

import java.io.IOException;

/** Others could have put code into a directory, or could do so. The message says how. */
final class UnsafeDirectoryException extends IOException {

  private static final long serialVersionUID = 1L;

  UnsafeDirectoryException(String message) {
    super(message);
  }
}
