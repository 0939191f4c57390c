package io.sentinel.agent.server;

import io.netty.channel.SingleThreadEventLoop;
import io.sentinel.agent.pool.ActiveWait;
import io.vertx.core.Context;
import io.vertx.core.impl.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings ended exchanges from the slots' threads back to the event loop: one write for all of a
 * connection's answers that are there by then, and one wake-up at most.
 *
 * <p>While only few events are under way the event loop looks for their answers for a short time,
 * between its other work, and does not go to sleep: waking it would take longer than most modules
 * do. With more of them one wake-up serves several answers, and the core is better left to the
 * slots.
 */
final class Outbox {

  private static final long WAIT_MICROS = 50;

  /** With more events under way than these, the event loop sleeps until it is called. */
  private static final int FEW = 3;

  private final SingleThreadEventLoop eventLoop;
  private final Queue<Exchange> ended = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean called = new AtomicBoolean();
  private final List<Session> dirty = new ArrayList<>();
  private final ActiveWait wait = new ActiveWait(WAIT_MICROS);
  private final Runnable answerCalled = this::answerCalled;
  private final Runnable look = this::look;
  private final Runnable lookAgain = this::lookAgain;

  /** Whether the event loop looks by itself; written by it alone. */
  private volatile boolean looking;

  private int underWay;

  private Runnable afterwards = () -> {};

  Outbox(Context context) {
    this.eventLoop = (SingleThreadEventLoop) ((ContextInternal) context).nettyEventLoop();
  }

  /** Has something done after each round of answers. */
  void afterwards(Runnable action) {
    afterwards = action;
  }

  /** An exchange has begun, on the event loop. */
  void expect() {
    if (underWay < FEW) {
      lookForAnswers();
    }
    underWay++;
  }

  private void lookForAnswers() {
    if (!looking) {
      wait.begin();
      eventLoop.execute(look);
      looking = true;
    }
  }

  /** An exchange has ended, on any thread. */
  void offer(Exchange exchange) {
    ended.add(exchange);
    if (!looking) {
      call();
    }
  }

  /** The same, when another one follows at once, or {@link #release} does. */
  void hold(Exchange exchange) {
    ended.add(exchange);
  }

  /** What was held is to be answered now; on any thread. */
  void release() {
    if (!looking && !ended.isEmpty()) {
      call();
    }
  }

  private void call() {
    if (!called.get() && called.compareAndSet(false, true)) {
      try {
        eventLoop.execute(answerCalled);
      } catch (Throwable e) {
        called.set(false); // or nobody would ever call again
        throw e;
      }
    }
  }

  private void look() {
    boolean goesOn = false;
    try {
      if (!ended.isEmpty()) {
        wait.worked(System.nanoTime());
        answer();
        wait.idle();
      }
      if (underWay > 0 && underWay <= FEW && wait.goesOn()) {
        eventLoop.executeAfterEventLoopIteration(lookAgain); // sockets are read in between
        goesOn = true;
      }
    } finally {
      lookEnded(goesOn);
    }
  }

  /** After this the event loop turns to its sockets, and then to the look. */
  private void lookAgain() {
    boolean goesOn = false;
    try {
      eventLoop.execute(look);
      goesOn = true;
    } finally {
      lookEnded(goesOn);
    }
  }

  /** After a look that none follows, be it for an error, others have to call again. */
  private void lookEnded(boolean looksAgain) {
    if (!looksAgain) {
      looking = false;
      if (!ended.isEmpty()) {
        call(); // it ended before that was written, and called nobody
      }
    }
  }

  private void answerCalled() {
    called.set(false);
    wait.worked(System.nanoTime());
    try {
      answer();
    } catch (Throwable e) {
      call(); // for those that were not answered yet
      throw e;
    }
  }

  private void answer() {
    Exchange exchange = ended.poll();
    while (exchange != null) {
      if (exchange.leave()) {
        underWay--;
        answer(exchange);
      }
      exchange = ended.poll();
    }
    try {
      for (int i = 0; i < dirty.size(); i++) {
        flush(dirty.get(i));
      }
    } finally {
      dirty.clear();
    }
    afterwards.run();
  }

  private void answer(Exchange exchange) {
    Session session = exchange.session();
    try {
      if (session.answer(exchange)) {
        dirty.add(session);
      }
    } catch (Throwable e) { // any code may meet the heap's end
      session.fault(e);
    }
  }

  private static void flush(Session session) {
    try {
      session.flush();
    } catch (Throwable e) {
      session.fault(e);
    }
  }
}
