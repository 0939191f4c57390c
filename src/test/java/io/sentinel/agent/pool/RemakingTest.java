package io.sentinel.agent.pool;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RemakingTest {

  private final Remaking remaking = new Remaking();

  @Test
  void oneHasTheRightAndTheNextGetsItWhenItIsGivenBack() throws InterruptedException {
    assertTrue(remaking.take("first"));
    assertFalse(remaking.take("second"), "it waits for a second, and no longer");
    remaking.giveBack("first");
    assertTrue(remaking.take("second"));
  }

  /** A slot that was given up gives back once more, when its thread comes back after all. */
  @Test
  void whoHasItNoMoreTakesItFromNobody() throws InterruptedException {
    assertTrue(remaking.take("given up"));
    remaking.giveBack("given up");
    assertTrue(remaking.take("second"));
    remaking.giveBack("given up");
    assertFalse(remaking.take("third"));
  }
}
