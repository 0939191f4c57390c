package io.sentinel.agent.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Runs what may take as long as a module likes on a thread of its own, for a time. */
final class TimeLimit {

  private TimeLimit() {}

  /**
   * Runs the work; after the time the thread is interrupted, and left to itself.
   *
   * @throws TimeoutException if the work did not end in time
   */
  static <T> T run(Duration time, Callable<T> work) throws TimeoutException {
    return run(time, () -> 0, work);
  }

  /**
   * Runs work that consists of many steps, each of which may take that time, or twice at most.
   *
   * @param steps how many have ended
   * @throws TimeoutException if one did not end
   */
  static <T> T run(Duration time, LongSupplier steps, Callable<T> work) throws TimeoutException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name("wasm").start(task);
    while (true) {
      long before = steps.getAsLong();
      try {
        return task.get(time.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (steps.getAsLong() == before) {
          task.cancel(true);
          throw e;
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
