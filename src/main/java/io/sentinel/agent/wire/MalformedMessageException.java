package io.sentinel.agent.wire;

/** Bytes that are no message of the protocol. */
public final class MalformedMessageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String problem;
  private final long offset;

  /**
   * @param offset where in the frame's payload the trouble was seen, in bytes
   */
  public MalformedMessageException(String message, long offset) {
    super(message + " (at byte " + offset + ")");
    this.problem = message;
    this.offset = offset;
  }

  /** The same trouble, said of something inside a larger whole. */
  MalformedMessageException within(String whole) {
    return new MalformedMessageException(whole + ": " + problem, offset);
  }

  public long offset() {
    return offset;
  }
}
