package io.sentinel.agent.message;

import java.util.List;

/** The agent's answer to one event. */
public record AgentReply(
    Decision decision, List<HeaderOp> requestHeaders, List<HeaderOp> responseHeaders, Audit audit) {

  private static final AgentReply ALLOW = of(Decision.allow(), Audit.NONE);

  public AgentReply {
    requestHeaders = List.copyOf(requestHeaders);
    responseHeaders = List.copyOf(responseHeaders);
  }

  /** Allow, and nothing else. */
  public static AgentReply allow() {
    return ALLOW;
  }

  public static AgentReply of(Decision decision, Audit audit) {
    return new AgentReply(decision, List.of(), List.of(), audit);
  }
}
