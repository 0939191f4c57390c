package io.sentinel.agent.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActiveWaitTest {

  private static final long LIMIT_MICROS = 50;

  /** What others take of a core that is given to them, in microseconds. */
  private long turn;

  private long now = 1;

  private final ActiveWait wait =
      new ActiveWait(LIMIT_MICROS, () -> now, () -> now += TimeUnit.MICROSECONDS.toNanos(turn));

  @BeforeEach
  void thereIsMoreThanOneCore() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
  }

  @Test
  void goesOnUntilItsLimit() {
    turn = 10;
    wait.idle();
    assertEquals(5, looks());
  }

  @Test
  void isLeftOutWhereTheLastOnesWereInVain() {
    turn = 10;
    for (int i = 0; i < 2; i++) {
      wait.idle();
      looks();
      pass(1_000);
      wait.worked(now);
    }
    wait.idle();
    assertEquals(0, looks());
  }

  @Test
  void isMadeAgainWhereItWouldHaveBeenWorthIt() {
    isLeftOutWhereTheLastOnesWereInVain();
    pass(10);
    wait.worked(now);
    wait.idle();
    assertEquals(5, looks());
  }

  @Test
  void isLeftOutWhereOthersTakeTheCoreForLong() {
    waitsWhileOthersTake(3_000);
    assertFalse(waits());
    pass(900_000);
    assertFalse(waits());
  }

  @Test
  void isTriedAgainAfterAWhile() {
    waitsWhileOthersTake(3_000);
    pass(1_100_000);
    turn = 1;
    assertTrue(waits());
  }

  @Test
  void goesOnWhereItSavesMoreThanOthersTake() {
    for (int i = 0; i < 100; i++) {
      turn = 3_000; // now and then
      assertTrue(waits());
      turn = 1;
      for (int k = 0; k < 200; k++) {
        assertTrue(waits());
      }
    }
  }

  @Test
  void doesNotMindShortTurns() {
    turn = 45; // within the limit, and for ever
    for (int i = 0; i < 10_000; i++) {
      assertTrue(waits());
    }
  }

  /** Work that comes at once, each time, but others had the core before it was seen. */
  private void waitsWhileOthersTake(long micros) {
    turn = micros;
    for (int i = 0; i < 3; i++) {
      waits();
    }
  }

  /** One wait, for work that comes soon: whether it was made. */
  private boolean waits() {
    wait.idle();
    long begun = now;
    boolean made = wait.goesOn();
    wait.worked(begun);
    return made;
  }

  private int looks() {
    int looks = 0;
    while (wait.goesOn()) {
      looks++;
    }
    return looks;
  }

  private void pass(long micros) {
    now += TimeUnit.MICROSECONDS.toNanos(micros);
  }
}
