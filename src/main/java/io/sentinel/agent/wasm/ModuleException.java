package io.sentinel.agent.wasm;

/** A module that cannot be used. The message is one line that names the cause. */
public final class ModuleException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ModuleException(String message) {
    super(message);
  }

  public ModuleException(String message, Throwable cause) {
    super(message, cause);
  }
}
