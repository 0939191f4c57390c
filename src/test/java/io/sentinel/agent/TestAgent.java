package io.sentinel.agent;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.PoolObserver;
import io.sentinel.agent.pool.PoolSettings;
import io.sentinel.agent.server.AgentListener;
import io.sentinel.agent.server.FailurePolicy;
import io.sentinel.agent.server.ListenerSettings;
import io.sentinel.agent.server.ServerObserver;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wire.Protocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An agent in the test's own process: real socket, real module, real pool, without Quarkus around
 * it. It counts what the rooms report.
 */
public final class TestAgent implements AutoCloseable, PoolObserver, ServerObserver {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private final GuestPool pool;
  private final Path directory;
  private final Path socket;
  private final String listener;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger malformed = new AtomicInteger();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Map<AgentFailure.Code, AtomicInteger> discarded = new ConcurrentHashMap<>();

  /** How to start one. */
  public record Options(
      CompiledModule module, int poolSize, Duration timeout, int queueCapacity, boolean failOpen) {

    public static Options of(CompiledModule module) {
      return new Options(module, 2, Duration.ofSeconds(2), 1_024, false);
    }

    public Options poolSize(int size) {
      return new Options(module, size, timeout, queueCapacity, failOpen);
    }

    public Options timeout(Duration time) {
      return new Options(module, poolSize, time, queueCapacity, failOpen);
    }

    public Options queueCapacity(int capacity) {
      return new Options(module, poolSize, timeout, capacity, failOpen);
    }

    public Options failingOpen() {
      return new Options(module, poolSize, timeout, queueCapacity, true);
    }
  }

  private TestAgent(Options options) {
    try {
      directory = Files.createTempDirectory("agent");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    socket = directory.resolve("agent.sock");
    pool =
        new GuestPool(
            vertx,
            options.module(),
            new PoolSettings(
                options.poolSize(),
                options.timeout(),
                Duration.ofSeconds(5),
                options.queueCapacity()),
            this);
    await(pool.start());
    listener =
        await(
            vertx.deployVerticle(
                new AgentListener(
                    pool,
                    new ListenerSettings(socket, Duration.ofSeconds(5)),
                    new FailurePolicy(options.failOpen()),
                    options.timeout(),
                    this)));
  }

  public static TestAgent start(Options options) {
    return new TestAgent(options);
  }

  public Path socket() {
    return socket;
  }

  public GuestPool pool() {
    return pool;
  }

  public AgentClient connect() throws IOException {
    return AgentClient.connect(socket, Protocol.V1);
  }

  public int connections() {
    return connections.get();
  }

  public int malformedConnections() {
    return malformed.get();
  }

  public int instancesMade() {
    return made.get();
  }

  public int discarded(AgentFailure.Code reason) {
    return discarded.getOrDefault(reason, new AtomicInteger()).get();
  }

  public int stuckThreads() {
    return stuck.get();
  }

  /** Stops listening as the agent does at SIGTERM; over when it has drained. */
  public void stopListening() {
    await(vertx.undeploy(listener));
  }

  @Override
  public void close() {
    await(vertx.undeploy(listener).otherwiseEmpty());
    await(pool.close());
    await(vertx.close());
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void called(EventType type, long queuedNanos, long ranNanos) {}

  @Override
  public void instanceMade() {
    made.incrementAndGet();
  }

  @Override
  public void instanceDiscarded(AgentFailure.Code reason) {
    discarded.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
  }

  @Override
  public void threadStuck() {
    stuck.incrementAndGet();
  }

  @Override
  public void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos) {}

  @Override
  public void connectionOpened() {
    connections.incrementAndGet();
  }

  @Override
  public void connectionClosed() {
    connections.decrementAndGet();
  }

  @Override
  public void malformed() {
    malformed.incrementAndGet();
  }
}
