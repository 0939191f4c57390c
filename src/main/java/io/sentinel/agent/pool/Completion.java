package io.sentinel.agent.pool;

import io.sentinel.agent.message.Outcome;

/**
 * Who waits for a call's outcome, and is told it exactly once: by {@link #accept} or by {@link
 * #hold}. Where either fails, it is called once more, with this outcome or another.
 */
@FunctionalInterface
public interface Completion {

  /** Takes the outcome; on any thread. */
  void accept(Outcome outcome);

  /**
   * Takes the outcome, and need not wake anybody for it yet: an {@link #accept} on the same way
   * follows within microseconds, or {@link #release} does, within milliseconds at the latest.
   */
  default void hold(Outcome outcome) {
    accept(outcome);
  }

  /** Nothing follows at once: whoever was not woken yet is to be. On any thread, and repeatable. */
  default void release() {}
}
