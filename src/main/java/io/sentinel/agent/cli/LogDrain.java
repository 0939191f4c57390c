package io.sentinel.agent.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.handlers.AsyncHandler;

/**
 * Waits for the log's own thread, which the end of the process would overtake: what was said last
 * is why it ends. The thread is a daemon, and neither Quarkus nor the log's manager waits for it.
 */
final class LogDrain {

  private LogDrain() {}

  /**
   * Returns when all that was logged before has been written, or after so much time: perhaps nobody
   * reads standard output.
   */
  static void await(Duration limit) {
    List<AsyncHandler> queues = new ArrayList<>();
    collect(Logger.getLogger("").getHandlers(), queues);
    CountDownLatch ends = new CountDownLatch(queues.size());
    queues.forEach(queue -> markEnd(queue, ends));
    try {
      boolean _ = ends.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void collect(Handler[] handlers, List<AsyncHandler> queues) {
    for (Handler handler : handlers) {
      if (handler instanceof AsyncHandler queue) {
        queues.add(queue);
      } else if (handler instanceof ExtHandler outer) {
        collect(outer.getHandlers(), queues);
      }
    }
  }

  /** Sends a record behind all the others, which is seen and not written. */
  private static void markEnd(AsyncHandler queue, CountDownLatch ends) {
    ExtLogRecord mark = new ExtLogRecord(Level.FATAL, "", LogDrain.class.getName());
    Handler[] writers = queue.getHandlers();
    for (Handler writer : writers) {
      boolean isLast = writer == writers[writers.length - 1];
      Filter before = writer.getFilter();
      writer.setFilter(
          entry -> {
            if (entry != mark) {
              return before == null || before.isLoggable(entry);
            }
            if (isLast) {
              ends.countDown();
            }
            return false;
          });
    }
    queue.publish(mark);
  }
}
