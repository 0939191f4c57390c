package io.sentinel.agent.message;

/**
 * How the agent is, as told to the proxy.
 *
 * @param inFlight events under way
 * @param waiting of these, those without a slot
 */
public record Health(State state, int inFlight, int waiting) {

  /** The states, with their numbers on the wire. */
  public enum State {
    HEALTHY(1),
    DEGRADED(2),
    DRAINING(3),
    UNHEALTHY(4);

    private final int number;

    State(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }
  }
}
