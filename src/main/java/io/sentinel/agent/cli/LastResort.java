package io.sentinel.agent.cli;

import io.quarkus.runtime.LaunchMode;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the process where stopping in order does not: a thread may be lost in a module, or hold the
 * log's lock while it waits for somebody to read standard output.
 */
final class LastResort {

  private LastResort() {}

  /** Gives the process so much time to end by itself. */
  static void haltAfter(Duration time, int exitCode) {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      return; // the process is not the agent's own
    }
    Thread.ofPlatform()
        .daemon()
        .name("last-resort")
        .start(
            () -> {
              long end = System.nanoTime() + time.toNanos();
              for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
              }
              Runtime.getRuntime().halt(exitCode);
            });
  }
}
