package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wasm.GuestOutput;
import java.util.Optional;
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

  private final LogOrigin origin;
  private long secondBegan = System.nanoTime();
  private int logged;
  private long heldBack;

  public GuestLog(LogOrigin origin) {
    this.origin = origin;
  }

  @Override
  public void line(Optional<AgentEvent> event, String line) {
    if (allowsOne()) {
      try (LogOrigin.Fields _ = origin.fields(event)) {
        LOG.infof("Module output: %s %s", LogText.of(line, MAX_CHARS), origin.of(event));
      }
    }
  }

  @Override
  public void lost(Optional<AgentEvent> event, long bytes) {
    if (allowsOne()) {
      try (LogOrigin.Fields _ = origin.fields(event)) {
        LOG.infof("Module output: %d more bytes were not logged %s", bytes, origin.of(event));
      }
    }
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
      try (LogOrigin.Fields _ = origin.fieldsOfModule()) {
        LOG.warnf("Module output: %d more lines were not logged %s", unsaid, origin.ofModule());
      }
    }
    return allowed;
  }
}
