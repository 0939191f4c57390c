package io.sentinel.agent.message;

/** How an event ended: with an answer, or with the reason why there is none. */
public sealed interface Outcome {

  record Decided(AgentReply reply) implements Outcome {}

  record Failed(AgentFailure failure) implements Outcome {}

  static Outcome failed(AgentFailure.Code code, String detail) {
    return new Failed(new AgentFailure(code, detail));
  }
}
