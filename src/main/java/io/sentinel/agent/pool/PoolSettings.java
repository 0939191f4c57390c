package io.sentinel.agent.pool;

import java.time.Duration;

/**
 * How the pool works.
 *
 * @param size slots, each with one instance of the module: 1 to {@link #MAX_SIZE}
 * @param timeout from an event's arrival to its answer, queueing included
 * @param loadTimeout for making one instance
 * @param queueCapacity events that may wait
 * @param freshState whether each event meets an instance as it was after its start
 */
public record PoolSettings(
    int size, Duration timeout, Duration loadTimeout, int queueCapacity, boolean freshState) {

  public static final int MAX_SIZE = 256;

  public static final int DEFAULT_QUEUE_CAPACITY = 1_024;

  public PoolSettings {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException(
          "a pool has 1 to %d slots, not %d".formatted(MAX_SIZE, size));
    }
  }

  public PoolSettings withSize(int newSize) {
    return new PoolSettings(newSize, timeout, loadTimeout, queueCapacity, freshState);
  }
}
