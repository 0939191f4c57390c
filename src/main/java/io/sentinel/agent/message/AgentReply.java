package io.sentinel.agent.message;

import java.util.List;

/**
 * The agent's answer to one event.
 *
 * @param rejectedHeaders header operations that were left out; the proxy sees a tag in their place
 */
public record AgentReply(
    Decision decision,
    List<HeaderOp> requestHeaders,
    List<HeaderOp> responseHeaders,
    Audit audit,
    int rejectedHeaders) {

  private static final AgentReply ALLOW = of(Decision.allow(), Audit.NONE);

  public AgentReply {
    requestHeaders = List.copyOf(requestHeaders);
    responseHeaders = List.copyOf(responseHeaders);
  }

  /** An answer from which nothing was left out. */
  public AgentReply(
      Decision decision,
      List<HeaderOp> requestHeaders,
      List<HeaderOp> responseHeaders,
      Audit audit) {
    this(decision, requestHeaders, responseHeaders, audit, 0);
  }

  /** Allow, and nothing else. */
  public static AgentReply allow() {
    return ALLOW;
  }

  public static AgentReply of(Decision decision, Audit audit) {
    return new AgentReply(decision, List.of(), List.of(), audit);
  }
}
