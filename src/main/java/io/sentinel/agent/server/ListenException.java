package io.sentinel.agent.server;

/** The socket cannot be had. The message is one line that says why, and what to do. */
public final class ListenException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ListenException(String message) {
    super(message);
  }

  ListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
