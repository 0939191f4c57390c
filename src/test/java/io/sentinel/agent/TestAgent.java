package io.sentinel.agent;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.pool.GuestLog;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.LogOrigin;
import io.sentinel.agent.pool.PoolObserver;
import io.sentinel.agent.pool.PoolSettings;
import io.sentinel.agent.server.AgentListener;
import io.sentinel.agent.server.DropReason;
import io.sentinel.agent.server.FailurePolicy;
import io.sentinel.agent.server.ListenerSettings;
import io.sentinel.agent.server.ServerObserver;
import io.sentinel.agent.server.SocketAccess;
import io.sentinel.agent.server.SocketTransport;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An agent in the test's own process: real socket, real module, real pool, without Quarkus around
 * it. It counts what the rooms report.
 */
public final class TestAgent implements AutoCloseable, PoolObserver, ServerObserver {

  /** -Dtest.transport=NIO has all tests run over the JDK's channels. */
  private static final SocketTransport TRANSPORT =
      SocketTransport.valueOf(System.getProperty("test.transport", "EPOLL"));

  private final Vertx vertx;
  private final GuestPool pool;
  private final Path directory;
  private final Path socket;
  private final String listener;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicBoolean hopeless = new AtomicBoolean();
  private final AtomicInteger framesReceived = new AtomicInteger();
  private final AtomicInteger framesSent = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final AtomicInteger ignored = new AtomicInteger();
  private final AtomicInteger recycled = new AtomicInteger();
  private final AtomicInteger retired = new AtomicInteger();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Map<AgentFailure.Code, AtomicInteger> discarded = new ConcurrentHashMap<>();
  private final Map<DropReason, AtomicInteger> dropped = new ConcurrentHashMap<>();

  /** What it is told of, at which it can be had to fail. */
  public enum Told {
    BYTES_RECEIVED,
    FRAME_RECEIVED,
    CALLED,
    INSTANCE_DISCARDED,
    INSTANCE_MADE,
    ANSWERED,
    SENT
  }

  private final Set<Told> failing = ConcurrentHashMap.newKeySet();

  /** The next time that it is told of this, the heap has just come to its end. */
  public void failOnce(Told what) {
    failing.add(what);
  }

  /** Whether a failure is still to come. */
  public boolean isToFail() {
    return !failing.isEmpty();
  }

  private void told(Told what) {
    if (!failing.isEmpty() && failing.remove(what)) {
      throw new OutOfMemoryError("a test's, at " + what);
    }
  }

  /** How to start one. */
  public record Options(
      CompiledModule module,
      PoolSettings pool,
      boolean failOpen,
      Duration frameTimeout,
      Duration unreadTimeout,
      long bufferBytes,
      Duration reportInterval,
      GuestOutput output,
      SocketTransport transport) {

    public static Options of(CompiledModule module) {
      return new Options(
          module,
          new PoolSettings(2, Duration.ofSeconds(2), Duration.ofSeconds(5), 1_024, false),
          false,
          ListenerSettings.DEFAULT_FRAME_TIMEOUT,
          ListenerSettings.DEFAULT_UNREAD_TIMEOUT,
          ListenerSettings.DEFAULT_BUFFER_BYTES,
          Duration.ZERO,
          new GuestLog(new LogOrigin("test")),
          TRANSPORT);
    }

    private Options pool(PoolSettings settings) {
      return new Options(
          module,
          settings,
          failOpen,
          frameTimeout,
          unreadTimeout,
          bufferBytes,
          reportInterval,
          output,
          transport);
    }

    public Options poolSize(int size) {
      return pool(pool.withSize(size));
    }

    public Options timeout(Duration time) {
      return pool(
          new PoolSettings(
              pool.size(), time, pool.loadTimeout(), pool.queueCapacity(), pool.freshState()));
    }

    public Options queueCapacity(int capacity) {
      return pool(
          new PoolSettings(
              pool.size(), pool.timeout(), pool.loadTimeout(), capacity, pool.freshState()));
    }

    public Options freshState() {
      return pool(
          new PoolSettings(
              pool.size(), pool.timeout(), pool.loadTimeout(), pool.queueCapacity(), true));
    }

    public Options failingOpen() {
      return new Options(
          module,
          pool,
          true,
          frameTimeout,
          unreadTimeout,
          bufferBytes,
          reportInterval,
          output,
          transport);
    }

    public Options frameTimeout(Duration time) {
      return new Options(
          module,
          pool,
          failOpen,
          time,
          unreadTimeout,
          bufferBytes,
          reportInterval,
          output,
          transport);
    }

    public Options unreadTimeout(Duration time) {
      return new Options(
          module,
          pool,
          failOpen,
          frameTimeout,
          time,
          bufferBytes,
          reportInterval,
          output,
          transport);
    }

    public Options bufferBytes(long bytes) {
      return new Options(
          module,
          pool,
          failOpen,
          frameTimeout,
          unreadTimeout,
          bytes,
          reportInterval,
          output,
          transport);
    }

    public Options output(GuestOutput to) {
      return new Options(
          module,
          pool,
          failOpen,
          frameTimeout,
          unreadTimeout,
          bufferBytes,
          reportInterval,
          to,
          transport);
    }

    public Options transport(SocketTransport by) {
      return new Options(
          module,
          pool,
          failOpen,
          frameTimeout,
          unreadTimeout,
          bufferBytes,
          reportInterval,
          output,
          by);
    }

    public Options reportInterval(Duration interval) {
      return new Options(
          module,
          pool,
          failOpen,
          frameTimeout,
          unreadTimeout,
          bufferBytes,
          interval,
          output,
          transport);
    }
  }

  private TestAgent(Options options) {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(options.transport() != SocketTransport.NIO));
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
            options.pool(),
            this,
            options.output(),
            new LogOrigin("test"),
            () -> hopeless.set(true));
    await(pool.start());
    AgentListener server =
        new AgentListener(
            pool,
            new ListenerSettings(
                socket,
                SocketAccess.PRIVATE,
                Duration.ofSeconds(5),
                ListenerSettings.DEFAULT_MAX_IN_FLIGHT,
                options.frameTimeout(),
                options.unreadTimeout(),
                options.bufferBytes(),
                options.reportInterval(),
                options.transport()),
            new FailurePolicy(options.failOpen()),
            options.pool().timeout(),
            this,
            () -> new MetricsReport(List.of(), List.of(), List.of()),
            new LogOrigin("test"),
            "test");
    listener = await(vertx.deployVerticle(server));
    await(server.publish());
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
    return connect(Speech.V1);
  }

  public AgentClient connect(Speech speech) throws IOException {
    return AgentClient.connect(socket, speech);
  }

  public int connections() {
    return connections.get();
  }

  public int dropped(DropReason reason) {
    return dropped.getOrDefault(reason, new AtomicInteger()).get();
  }

  /** Whether the pool has asked for a new process. */
  public boolean isHopeless() {
    return hopeless.get();
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
  public void called(EventType type, long queuedNanos, long ranNanos) {
    told(Told.CALLED);
  }

  @Override
  public void instanceMade() {
    made.incrementAndGet();
    told(Told.INSTANCE_MADE);
  }

  @Override
  public void instanceDiscarded(AgentFailure.Code reason) {
    discarded.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
    told(Told.INSTANCE_DISCARDED);
  }

  @Override
  public void instanceRecycled() {
    recycled.incrementAndGet();
  }

  public int instancesRecycled() {
    return recycled.get();
  }

  @Override
  public void instanceRetired() {
    retired.incrementAndGet();
  }

  public int instancesRetired() {
    return retired.get();
  }

  @Override
  public void threadStuck() {
    stuck.incrementAndGet();
  }

  @Override
  public void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos) {
    told(Told.ANSWERED);
  }

  @Override
  public void cancelled() {
    cancelled.incrementAndGet();
  }

  public int cancelledEvents() {
    return cancelled.get();
  }

  @Override
  public void messageIgnored() {
    ignored.incrementAndGet();
  }

  public int ignoredMessages() {
    return ignored.get();
  }

  @Override
  public void connectionOpened() {
    connections.incrementAndGet();
  }

  @Override
  public void connectionClosed() {
    connections.decrementAndGet();
  }

  @Override
  public void connectionSpeaks(int protocolVersion) {}

  @Override
  public void bytesReceived(int bytes) {
    told(Told.BYTES_RECEIVED);
  }

  @Override
  public void frameReceived() {
    framesReceived.incrementAndGet();
    told(Told.FRAME_RECEIVED);
  }

  public int framesReceived() {
    return framesReceived.get();
  }

  public int framesSent() {
    return framesSent.get();
  }

  @Override
  public void sent(int frames, int bytes) {
    framesSent.addAndGet(frames);
    told(Told.SENT);
  }

  @Override
  public void connectionDropped(DropReason reason) {
    dropped.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
  }
}
