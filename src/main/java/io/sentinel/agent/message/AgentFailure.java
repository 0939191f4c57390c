package io.sentinel.agent.message;

/**
 * Why there is no decision.
 *
 * @param detail for the log alone: it may quote the module, so it never reaches the proxy
 */
public record AgentFailure(Code code, String detail) {

  /** The closed set of reasons; {@link #label()} is what the proxy and the metrics see. */
  public enum Code {
    /** The module trapped, or the engine gave up on it. */
    TRAP("trap"),
    /** The call did not end by its deadline. */
    TIMEOUT("timeout"),
    /** The module ended, but what it returned is not a result. */
    BAD_RESULT("bad-result"),
    /** The script threw an error, or ran out of memory. */
    SCRIPT_ERROR("script-error"),
    /** No slot was free before the deadline, or the queue was full. */
    OVERLOADED("overloaded"),
    /** No instance of the module can be made at the moment. */
    CRASH_LOOP("crash-loop"),
    /** The agent is shutting down. */
    CLOSED("closed"),
    /** The event could not be read. */
    BAD_EVENT("bad-event"),
    /** The proxy is not interested any more; nothing is answered. */
    CANCELLED("cancelled");

    private final String label;

    Code(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }
}
