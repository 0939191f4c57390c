package io.sentinel.agent.ops;

import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps the heap small. The serial collector looks at its old generation only when that has grown
 * to the heap's limit, and instances that were thrown away fill it: without this, a module that
 * often fails makes the process as large as it may become. See "Why is the old generation
 * collected?" in RATIONALE.md. Does nothing where another collector was chosen.
 */
public final class HeapKeeper {

  private static final Logger LOG = Logger.getLogger(HeapKeeper.class);

  private static final String OLD_GENERATION = "Tenured Gen";
  private static final long LOOK_EVERY_MS = 1_000;

  /** So much may come to lie there beside what was in use after the last collection. */
  private static final long MOST_GARBAGE = 64 << 20;

  private final Vertx vertx;
  private final Optional<MemoryPoolMXBean> old;
  private long inUse;

  public HeapKeeper(Vertx vertx) {
    this.vertx = vertx;
    this.old =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getName().equals(OLD_GENERATION))
            .findFirst();
  }

  /**
   * Looks from now on.
   *
   * @return what ends it
   */
  public Runnable start() {
    if (old.isEmpty()) {
      return () -> {};
    }
    long timer = vertx.setPeriodic(LOOK_EVERY_MS, _ -> look(old.get()));
    return () -> vertx.cancelTimer(timer);
  }

  private void look(MemoryPoolMXBean generation) {
    long used = generation.getUsage().getUsed();
    // The JVM's own collections count, too.
    long after = generation.getCollectionUsage().getUsed();
    inUse = after == 0 ? inUse : after;
    if (used - inUse > MOST_GARBAGE) {
      System.gc(); // a pause of some 30 ms: the live heap is small
      inUse = generation.getUsage().getUsed();
      LOG.debugf("Collected the old generation: %d KiB, %d before", inUse >> 10, used >> 10);
    }
  }
}
