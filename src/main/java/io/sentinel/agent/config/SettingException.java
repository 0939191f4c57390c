package io.sentinel.agent.config;

/** A setting that is missing or wrong. The message is one line for the operator. */
public final class SettingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public SettingException(String message) {
    super(message);
  }
}
