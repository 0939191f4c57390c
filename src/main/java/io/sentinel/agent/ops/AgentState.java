package io.sentinel.agent.ops;

import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.PoolState;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Where metrics and health look: what the agent is doing, as the command line tells it. */
@ApplicationScoped
public class AgentState {

  private static final PoolState NONE = new PoolState(0, 0, 0, 0, 0);

  private volatile @Nullable GuestPool pool;
  private volatile boolean listening;

  /** The pool has been made. */
  public void loaded(GuestPool made) {
    pool = made;
  }

  public void setListening(boolean now) {
    listening = now;
  }

  public boolean isListening() {
    return listening;
  }

  PoolState pool() {
    GuestPool current = pool;
    return current == null ? NONE : current.state();
  }
}
