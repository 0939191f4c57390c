package io.sentinel.agent.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  @Test
  void workThatEndsInTimeIsNotInterrupted() {
    Deadline deadline = new Deadline(0, Thread.currentThread(), null);
    assertTrue(deadline.disarm());
    assertFalse(deadline.fire());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void workThatIsLateIsInterruptedAndTheFlagIsCleared() {
    Deadline deadline = new Deadline(0, Thread.currentThread(), null);
    assertTrue(deadline.fire());
    assertTrue(Thread.currentThread().isInterrupted());
    assertFalse(deadline.fire());
    assertFalse(deadline.disarm());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  /** Patience with the thread begins with the interrupt, however late that came. */
  @Test
  void whenItFiredIsKnown() {
    long before = System.nanoTime();
    Deadline deadline = new Deadline(before - 1_000_000_000, Thread.currentThread(), null);
    assertTrue(deadline.fire());
    assertTrue(deadline.firedAt() - before >= 0);
    assertFalse(deadline.disarm());
  }

  /** The race of a call's end with its deadline: no interrupt may reach the next call. */
  @Test
  void hammerEndsAgainstDeadlines() throws InterruptedException {
    int rounds = 300_000;
    AtomicReference<Deadline> current = new AtomicReference<>();
    AtomicInteger fired = new AtomicInteger();
    Thread watchdog =
        Thread.ofPlatform()
            .start(
                () -> {
                  Deadline last = null;
                  while (!Thread.currentThread().isInterrupted()) {
                    Deadline next = current.get();
                    if (next != null && next != last) {
                      last = next;
                      if (next.fire()) {
                        fired.incrementAndGet();
                      }
                    }
                  }
                });
    int late = 0;
    for (int i = 0; i < rounds; i++) {
      Deadline deadline = new Deadline(0, Thread.currentThread(), null);
      current.set(deadline);
      for (int spin = i % 64; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      if (!deadline.disarm()) {
        late++;
      }
      assertFalse(Thread.currentThread().isInterrupted(), "round " + i);
    }
    watchdog.interrupt();
    watchdog.join();
    assertEquals(fired.get(), late);
    assertTrue(late > 0 && late < rounds, late + " of " + rounds + " were late: no race was run");
  }
}
