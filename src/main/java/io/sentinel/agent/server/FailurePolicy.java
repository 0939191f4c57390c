package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import java.util.List;
import java.util.Optional;

/** The one place where a failure becomes an answer: closed blocks, open allows; both are tagged. */
public final class FailurePolicy {

  private static final String ERROR_TAG = "wasm-error";
  private static final String OPEN_TAG = "fail-open";
  private static final int STATUS = 500;
  private static final String BODY = "Wasm Error";

  private volatile boolean open;

  public FailurePolicy(boolean open) {
    this.open = open;
  }

  public void setOpen(boolean open) {
    this.open = open;
  }

  /** The proxy learns the failure's code, and nothing of its detail. */
  AgentReply reply(AgentFailure failure) {
    List<String> reason = List.of(failure.code().label());
    return open
        ? AgentReply.of(Decision.allow(), new Audit(List.of(ERROR_TAG, OPEN_TAG), reason))
        : AgentReply.of(
            new Decision.Block(STATUS, Optional.of(BODY)), new Audit(List.of(ERROR_TAG), reason));
  }
}
