package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.message.AgentFailure.Code;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallTest {

  private static final Outcome DECIDED = new Outcome.Decided(AgentReply.allow());
  private static final Outcome FAILED = Outcome.failed(Code.TIMEOUT, "late");

  private final List<Outcome> told = new ArrayList<>();

  @Test
  void firstOutcomeCounts() {
    Call call = new Call(request("/"), 0, 1, told::add);
    assertTrue(call.start());
    assertTrue(call.complete(DECIDED));
    assertFalse(call.complete(FAILED));
    assertFalse(call.cancel());
    assertEquals(List.of(DECIDED), told);
  }

  @Test
  void callThatHasEndedIsNotStarted() {
    Call call = new Call(request("/"), 0, 1, told::add);
    assertTrue(call.cancel());
    assertTrue(call.isCancelled());
    assertFalse(call.start());
  }

  /** An outcome that could not be handed over, for the heap had come to its end, was none. */
  @Test
  void outcomeThatCouldNotBeToldLeavesTheCallToTheNext() {
    Call call = new Call(request("/"), 0, 1, this::failAtFirst);
    assertTrue(call.start());
    assertThrows(OutOfMemoryError.class, () -> call.complete(DECIDED));
    assertTrue(call.complete(FAILED));
    assertFalse(call.complete(DECIDED));
    assertEquals(List.of(DECIDED, FAILED), told);
  }

  private void failAtFirst(Outcome outcome) {
    told.add(outcome);
    if (told.size() == 1) {
      throw new OutOfMemoryError("made up");
    }
  }
}
