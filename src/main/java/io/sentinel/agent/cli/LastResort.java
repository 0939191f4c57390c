package io.sentinel.agent.cli;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.LaunchMode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the process where stopping in order does not: a thread may be lost in a module, or hold the
 * log's lock while it waits for somebody to read standard output.
 */
final class LastResort {

  private static final AtomicReference<Integer> FIRST_CODE = new AtomicReference<>();

  private LastResort() {}

  /**
   * Gives the process so much time to end by itself.
   *
   * @param exitCode of the end; of several, the first that was given: it has the reason
   */
  static void haltAfter(Duration time, int exitCode) {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      return; // the process is not the agent's own
    }
    FIRST_CODE.compareAndSet(null, exitCode);
    int code = requireNonNull(FIRST_CODE.get());
    Thread.ofPlatform().daemon().name("last-resort").start(() -> halt(time, code));
  }

  private static void halt(Duration time, int exitCode) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    Runtime.getRuntime().halt(exitCode);
  }
}
