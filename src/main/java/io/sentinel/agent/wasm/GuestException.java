package io.sentinel.agent.wasm;

import io.sentinel.agent.message.AgentFailure;

/** A call that ended without a decision. The guest it happened in must not be called again. */
public final class GuestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final AgentFailure.Code code;

  GuestException(AgentFailure.Code code, String message) {
    // The stack of a trap is the engine's; without it a module that traps costs little.
    super(message, null, false, false);
    this.code = code;
  }

  static GuestException badResult(String message) {
    return new GuestException(AgentFailure.Code.BAD_RESULT, message);
  }

  static GuestException trap(String message) {
    return new GuestException(AgentFailure.Code.TRAP, message);
  }

  public AgentFailure.Code code() {
    return code;
  }
}
