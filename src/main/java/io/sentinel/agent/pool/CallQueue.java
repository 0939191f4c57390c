package io.sentinel.agent.pool;

import io.sentinel.agent.message.Outcome;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The calls that wait for a slot, oldest first, no more than a bound of them. */
final class CallQueue {

  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final int capacity;

  CallQueue(int capacity) {
    this.capacity = capacity;
  }

  /** Adds a call; false if the queue is full. */
  boolean offer(Call call) {
    if (size.incrementAndGet() > capacity) {
      size.decrementAndGet();
      return false;
    }
    calls.add(call);
    return true;
  }

  @Nullable Call poll() {
    Call call = calls.poll();
    if (call != null) {
      size.decrementAndGet();
    }
    return call;
  }

  @Nullable Call peek() {
    return calls.peek();
  }

  /** Takes out one call, wherever it stands; false if it is not there any more. */
  boolean remove(Call call) {
    boolean removed = calls.remove(call);
    if (removed) {
      size.decrementAndGet();
    }
    return removed;
  }

  /** Empties the queue: all that waits has this outcome. */
  void failAll(Outcome outcome) {
    Call waiting = poll();
    while (waiting != null) {
      waiting.complete(outcome);
      waiting = poll();
    }
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  int size() {
    return size.get();
  }
}
