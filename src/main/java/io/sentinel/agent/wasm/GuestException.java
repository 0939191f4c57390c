package io.sentinel.agent.wasm;

import io.sentinel.agent.message.AgentFailure;

/**
 * A call that ended without a decision. Unless {@link #guestIsSound} says otherwise, the guest it
 * happened in must not be called again.
 */
public final class GuestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final AgentFailure.Code code;
  private final boolean guestIsSound;

  private GuestException(AgentFailure.Code code, String message, boolean guestIsSound) {
    // The stack of a trap is the engine's; without it a module that traps costs little.
    super(message, null, false, false);
    this.code = code;
    this.guestIsSound = guestIsSound;
  }

  static GuestException badResult(String message) {
    return new GuestException(AgentFailure.Code.BAD_RESULT, message, false);
  }

  static GuestException trap(String message) {
    return new GuestException(AgentFailure.Code.TRAP, message, false);
  }

  /** A script's own error. What has filled its memory may stay there, so that guest has to go. */
  static GuestException script(ScriptFailure failure) {
    return new GuestException(
        AgentFailure.Code.SCRIPT_ERROR, failure.message(), !failure.outOfMemory());
  }

  /** The same, from a guest that is known to be whole. */
  GuestException withSoundGuest() {
    return new GuestException(code, String.valueOf(getMessage()), true);
  }

  public AgentFailure.Code code() {
    return code;
  }

  /** Whether the guest may be called again. */
  public boolean guestIsSound() {
    return guestIsSound;
  }
}
