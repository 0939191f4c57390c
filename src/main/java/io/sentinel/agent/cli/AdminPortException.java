package io.sentinel.agent.cli;

/** The admin port that the operator asked for cannot be had. The message is one line. */
public final class AdminPortException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  AdminPortException(String message) {
    super(message);
  }
}
