package io.sentinel.agent.cli;

import io.sentinel.agent.ops.AgentState;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Serves what the module's file holds after it has changed, or when it is told to. All of it
 * happens on a thread of its own, one reload after the other; what cannot be used leaves the module
 * that is served in its place.
 *
 * <p>It looks at the file and is not told by the kernel: a ConfigMap's file changes with a link two
 * directories up, and network file systems tell nobody.
 */
final class ModuleReloader implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ModuleReloader.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final ModuleLoader loader;
  private final GuestPool pool;
  private final AgentState state;
  private final Thread thread;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile boolean closed;

  /** The file as it was when its module was last tried. */
  private Optional<FileStamp> tried;

  /** The file at the last look: what has not changed from one look to the next is whole. */
  private Optional<FileStamp> seen;

  /** The file changed while it was read: it is looked at until it rests, watched or not. */
  private boolean changing;

  /**
   * @param loaded the file as it was before the module that is served was read from it
   * @param watching whether to look at the file, and not only wait for {@link #reload}
   */
  ModuleReloader(
      ModuleLoader loader,
      Optional<FileStamp> loaded,
      boolean watching,
      GuestPool pool,
      AgentState state) {
    this.loader = loader;
    this.pool = pool;
    this.state = state;
    this.tried = loaded;
    this.seen = loaded;
    this.thread = Thread.ofPlatform().daemon().name("wasm-reload").unstarted(() -> run(watching));
  }

  void start() {
    thread.start();
  }

  /** Has the file loaded soon, whether it has changed or not. */
  void reload() {
    asked.set(true);
    LockSupport.unpark(thread);
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run(boolean watching) {
    while (!closed) {
      try {
        round(watching);
      } catch (Throwable e) { // even to say so may have failed
        LOG.error("A fault of the agent's own in looking for a new module", e);
      }
      if (!closed && !asked.get()) {
        // A permit that was given before makes one round too many, which finds nothing to do.
        boolean soon = watching || changing;
        LockSupport.parkNanos(this, soon ? LOOK_EVERY.toNanos() : Long.MAX_VALUE);
      }
    }
  }

  private void round(boolean watching) {
    if (asked.getAndSet(false)) {
      tryToServe(FileStamp.of(loader.file()));
    } else if (watching || changing) {
      look();
    }
  }

  private void look() {
    Optional<FileStamp> now = FileStamp.of(loader.file());
    boolean atRest = now.equals(seen);
    seen = now;
    if (atRest && !now.equals(tried)) {
      tryToServe(now);
    }
  }

  private void tryToServe(Optional<FileStamp> stamp) {
    tried = stamp;
    changing = false;
    try {
      serve(stamp);
    } catch (ModuleException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (Throwable e) { // an Error as well: there are more reloads to come
      LOG.error("A fault of the agent's own in a reload", e);
      failed("a fault of the agent's own: " + e);
    }
  }

  private void serve(Optional<FileStamp> stamp) {
    long begun = System.nanoTime();
    CompiledModule next = loader.load();
    if (!FileStamp.of(loader.file()).equals(stamp)) {
      LOG.infof("%s changed while it was read: it is loaded again when it rests", loader.file());
      tried = Optional.empty();
      changing = true;
      return;
    }
    await(pool.warmUp(next));
    await(pool.replace(next));
    state.moduleReloaded();
    LOG.infof(
        "Serving the new %s, after %d ms",
        loader.file(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  private void failed(String problem) {
    if (closed) {
      return;
    }
    state.moduleReloadFailed(problem);
    LOG.errorf(
        "The new %s cannot be used, and the module before it is served on: %s",
        loader.file(), problem);
  }

  private static void await(Future<Void> future) {
    try {
      future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
