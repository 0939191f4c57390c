package io.sentinel.agent.cli;

import java.util.Arrays;

/** How long calls took, after a warm-up whose calls are not counted. */
final class CallTimes {

  private final int warmUp;
  private final long[] sortedNanos;
  private final int memoryBytes;

  /**
   * Sorts the times.
   *
   * @param warmUp calls that were made before
   * @param nanos one time for each call
   * @param memoryBytes the guest's memory after all of them
   */
  CallTimes(int warmUp, long[] nanos, int memoryBytes) {
    this.warmUp = warmUp;
    this.sortedNanos = nanos.clone();
    this.memoryBytes = memoryBytes;
    Arrays.sort(sortedNanos);
  }

  int calls() {
    return sortedNanos.length;
  }

  int warmUpCalls() {
    return warmUp;
  }

  int memoryBytes() {
    return memoryBytes;
  }

  /** The time in microseconds that this share of the calls, of 1, did not take longer than. */
  double micros(double share) {
    int rank = (int) Math.ceil(share * sortedNanos.length);
    return sortedNanos[Math.max(rank, 1) - 1] / 1e3;
  }
}
