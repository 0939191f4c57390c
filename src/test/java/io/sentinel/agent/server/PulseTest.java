package io.sentinel.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PulseTest {

  /** Nanoseconds may be negative, and overflow. */
  private static final long START = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(100);

  private final Pulse pulse = new Pulse(START);

  @Test
  void whatIsReadWhileItBeatsHasJustArrived() {
    for (int millis = 0; millis < 1_000; millis += 25) {
      pulse.beat(at(millis));
      assertEquals(at(millis + 20), pulse.arrival(at(millis + 20)));
    }
  }

  @Test
  void whatIsReadAfterAStandstillMayBeAsOldAsThat() {
    pulse.beat(at(25));
    assertEquals(at(25), pulse.arrival(at(500)));
    assertEquals(at(25), pulse.arrival(at(520)));
    assertEquals(at(560), pulse.arrival(at(560)));
  }

  @Test
  void beatMayBeTheFirstToSeeAStandstill() {
    pulse.beat(at(25));
    pulse.beat(at(500));
    assertEquals(at(25), pulse.arrival(at(501)));
  }

  private static long at(long millis) {
    return START + TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
