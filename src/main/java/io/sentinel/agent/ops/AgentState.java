package io.sentinel.agent.ops;

import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.PoolState;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where metrics and health look: what the agent is doing, as the command line tells it. */
@ApplicationScoped
public class AgentState {

  private static final PoolState NONE = new PoolState(0, 0, 0, 0, 0);

  private volatile @Nullable GuestPool pool;
  private volatile @Nullable ModuleState module;
  private volatile BooleanSupplier reachable = () -> false;
  private volatile boolean listening;
  private volatile boolean started;

  /** The module has been loaded, and its pool has been made. */
  public void loaded(Path file, GuestPool made) {
    pool = made;
    module = ModuleState.loaded(file);
  }

  /** What the module's file holds now is served. */
  public void moduleReloaded() {
    ModuleState current = module;
    if (current != null) {
      module = current.reloaded();
    }
  }

  /** What the module's file holds now cannot be served. */
  public void moduleReloadFailed(String problem) {
    ModuleState current = module;
    if (current != null) {
      module = current.failed(problem);
    }
  }

  /** Of the module; empty while none has been loaded. */
  Optional<ModuleState> module() {
    return Optional.ofNullable(module);
  }

  /**
   * The agent serves from now on.
   *
   * @param asked whether proxies can connect, each time that somebody wants to know
   */
  public void setListening(BooleanSupplier asked) {
    reachable = asked;
    listening = true;
    started = true;
  }

  public void setStopping() {
    listening = false;
  }

  /** Whether the agent has served once. */
  boolean hasStarted() {
    return started;
  }

  public boolean isListening() {
    return listening && reachable.getAsBoolean();
  }

  /** Whether events would be decided: the agent listens, and a slot has an instance. */
  boolean isReady() {
    return isListening() && pool().ready() > 0;
  }

  /** What the memories of all instances come to. */
  long memoryBytes() {
    GuestPool current = pool;
    return current == null ? 0 : current.memoryBytes();
  }

  PoolState pool() {
    GuestPool current = pool;
    return current == null ? NONE : current.state();
  }
}
