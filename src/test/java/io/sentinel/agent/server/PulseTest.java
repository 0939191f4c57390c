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
    pulse.beat(at(500)); // in the same turn
    assertEquals(at(25), pulse.arrival(at(520)));
    pulse.beat(at(526));
    assertEquals(at(527), pulse.arrival(at(527)));
  }

  /** What was there is read between two beats, however long that takes. */
  @Test
  void readingWhatWasThereMayTakeItsTime() {
    pulse.beat(at(25));
    pulse.beat(at(500));
    assertEquals(at(25), pulse.arrival(at(540)));
    assertEquals(at(25), pulse.arrival(at(595)), "it stood still once more");
    pulse.beat(at(596));
    pulse.beat(at(621));
    assertEquals(at(622), pulse.arrival(at(622)));
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
