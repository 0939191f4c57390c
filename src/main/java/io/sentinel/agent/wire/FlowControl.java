package io.sentinel.agent.wire;

/** What the agent asks of the proxy, with its numbers on the wire (protocol.md, section 3.1). */
public enum FlowControl {
  PAUSE(1),
  RESUME(2);

  private final int number;

  FlowControl(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
