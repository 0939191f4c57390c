package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.PoolSettings;
import io.sentinel.agent.text.LogText;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy's configure event may change while the agent runs: {@code pool-size} and {@code
 * fail-open}, the reference's two fields, either or both. All of it is applied, or nothing.
 */
final class Reconfiguration {

  private static final Logger LOG = Logger.getLogger(Reconfiguration.class);

  private static final String POOL_SIZE = "pool-size";
  private static final String FAIL_OPEN = "fail-open";
  private static final int REFUSED = 500;

  /** So many changes wait for each other at most; a proxy asks for one when it starts. */
  private static final int MOST_UNDER_WAY = 16;

  private final GuestPool pool;
  private final FailurePolicy failurePolicy;
  private final Duration timeout;

  /** The change that was asked for last: the next one is made after it, and so it prevails. */
  private Future<AgentReply> last = Future.succeededFuture();

  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param timeout the time that an answer may take
   */
  Reconfiguration(GuestPool pool, FailurePolicy failurePolicy, Duration timeout) {
    this.pool = pool;
    this.failurePolicy = failurePolicy;
    this.timeout = timeout;
  }

  /**
   * Succeeds with the answer when the change is made, or refused; or when its time is over. Then
   * the answer is to allow, since what was asked for can be had as far as is known, and the change
   * goes on: making instances may take longer than a proxy waits. To be called on the event loop.
   */
  Future<AgentReply> apply(Map<String, Object> config) {
    Object size = config.get(POOL_SIZE);
    Object open = config.get(FAIL_OPEN);
    if (size != null && !isPoolSize(size)) {
      return refused(
          "%s is %s, and must be an integer from 1 to %d"
              .formatted(POOL_SIZE, LogText.of(size.toString()), PoolSettings.MAX_SIZE));
    }
    if (open != null && !(open instanceof Boolean)) {
      return refused(
          "%s is %s, and must be true or false".formatted(FAIL_OPEN, LogText.of(open.toString())));
    }
    if (underWay.get() >= MOST_UNDER_WAY) {
      return refused("%d changes are under way already".formatted(MOST_UNDER_WAY));
    }
    underWay.incrementAndGet();
    Future<AgentReply> change =
        last.transform(_ -> change(size, open)).onComplete(_ -> underWay.decrementAndGet());
    last = change;
    return change
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .recover(e -> e instanceof TimeoutException ? goesOn() : Future.failedFuture(e));
  }

  private Future<AgentReply> change(@Nullable Object size, @Nullable Object open) {
    Future<Void> resized =
        size instanceof Integer wanted ? pool.resize(wanted) : Future.succeededFuture();
    return resized
        .map(_ -> applied(size, open))
        .recover(e -> notResized(String.valueOf(e.getMessage())));
  }

  private static Future<AgentReply> goesOn() {
    LOG.info("What the proxy configured takes longer than an answer may: it is being applied");
    return Future.succeededFuture(AgentReply.allow());
  }

  private AgentReply applied(@Nullable Object size, @Nullable Object open) {
    if (open instanceof Boolean wanted) {
      failurePolicy.setOpen(wanted);
    }
    LOG.infof(
        "Configured by the proxy: %s %s, %s %s",
        POOL_SIZE, size == null ? "unchanged" : size, FAIL_OPEN, open == null ? "unchanged" : open);
    return AgentReply.allow();
  }

  private static boolean isPoolSize(Object size) {
    return size instanceof Integer i && i >= 1 && i <= PoolSettings.MAX_SIZE;
  }

  /** What an instance says of its failure may quote the module: that is for the log alone. */
  private static Future<AgentReply> notResized(String problem) {
    LOG.warnf("The pool cannot be made larger: %s", LogText.of(problem));
    return refused("the pool cannot be made larger: see the agent's log");
  }

  private static Future<AgentReply> refused(String reason) {
    LOG.warnf("The proxy's configuration was refused: %s", reason);
    return Future.succeededFuture(
        AgentReply.of(
            new Decision.Block(REFUSED, Optional.of("Invalid Wasm agent configuration: " + reason)),
            Audit.NONE));
  }
}
