package io.sentinel.agent.pool;

import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wasm.GuestOutput;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Logs what modules write: a bounded number of lines in a second, whatever all instances write
 * together, with control characters escaped, so that none can pass for a line of the agent's.
 */
public final class GuestLog implements GuestOutput {

  private static final Logger LOG = Logger.getLogger(GuestLog.class);

  private static final int PER_SECOND = 100;
  private static final int MAX_CHARS = 512;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final String module;
  private long secondBegan = System.nanoTime();
  private int logged;
  private long heldBack;

  /**
   * @param module what the module is called in the log
   */
  public GuestLog(String module) {
    this.module = LogText.of(module);
  }

  @Override
  public void line(String correlationId, String line) {
    if (allowsOne()) {
      LOG.infof("Module output: %s %s", LogText.of(line, MAX_CHARS), origin(correlationId));
    }
  }

  @Override
  public void lost(String correlationId, long bytes) {
    if (allowsOne()) {
      LOG.infof("Module output: %d more bytes were not logged %s", bytes, origin(correlationId));
    }
  }

  private String origin(String correlationId) {
    return correlationId.isEmpty()
        ? "[module=%s starting]".formatted(module)
        : "[module=%s correlation_id=%s]".formatted(module, LogText.of(correlationId));
  }

  private boolean allowsOne() {
    long unsaid = 0;
    boolean allowed;
    synchronized (this) {
      long now = System.nanoTime();
      if (now - secondBegan > SECOND) {
        unsaid = heldBack;
        secondBegan = now;
        logged = 0;
        heldBack = 0;
      }
      allowed = logged < PER_SECOND;
      if (allowed) {
        logged++;
      } else {
        heldBack++;
      }
    }
    if (unsaid > 0) {
      LOG.warnf("Module output: %d more lines were not logged [module=%s]", unsaid, module);
    }
    return allowed;
  }
}
