package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.ChicoryException;

/** A trap that the guest asked the host for. Cheap: a guest may do so at every event. */
final class GuestTrap extends ChicoryException {

  private static final long serialVersionUID = 1L;

  GuestTrap(String message) {
    super(message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
