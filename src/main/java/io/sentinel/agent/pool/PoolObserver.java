package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.EventType;

/** Told what happens in the pool. Called on the slots' threads: it must be quick. */
public interface PoolObserver {

  /** A call ended, in time and with a decision. Times are in nanoseconds. */
  void called(EventType type, long queuedNanos, long ranNanos);

  /** An instance was made. */
  void instanceMade();

  /** An instance was thrown away after a call that ended so. */
  void instanceDiscarded(AgentFailure.Code reason);

  /** An instance was replaced that had done nothing wrong: its memory was nearly used up. */
  void instanceRecycled();

  /** An instance ended with its slot: the pool shrank, goes over to a new module, or closes. */
  void instanceRetired();

  /** A slot's thread did not come back after it was told to stop. */
  void threadStuck();
}
