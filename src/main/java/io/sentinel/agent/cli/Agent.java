package io.sentinel.agent.cli;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.sentinel.agent.config.AgentSettings;
import io.sentinel.agent.config.OtlpSettings;
import io.sentinel.agent.config.Setting;
import io.sentinel.agent.ops.AdminServer;
import io.sentinel.agent.ops.AgentMetrics;
import io.sentinel.agent.ops.AgentState;
import io.sentinel.agent.ops.HeapKeeper;
import io.sentinel.agent.ops.MeteredAgent;
import io.sentinel.agent.ops.MetricsReporter;
import io.sentinel.agent.ops.Telemetry;
import io.sentinel.agent.pool.GuestLog;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.LogOrigin;
import io.sentinel.agent.server.AgentListener;
import io.sentinel.agent.server.FailurePolicy;
import io.sentinel.agent.server.ListenerSettings;
import io.sentinel.agent.server.ServerObserver;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.ModuleCache;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts the rooms together: the module, the pool, the listener. */
@ApplicationScoped
public class Agent {

  private static final Logger LOG = Logger.getLogger(Agent.class);

  /** A module's deadline may be longer than an operator will wait. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(1);

  /** The grace period, and a moment in which it must be over. */
  private static final Duration LISTENER_STOP_LIMIT =
      ListenerSettings.DEFAULT_GRACE.plus(STOP_LIMIT);

  /** What BSD's sysexits.h calls EX_SOFTWARE. */
  private static final int HOPELESS_EXIT_CODE = 70;

  /** Longer than stopping in order takes. */
  private static final Duration HALT_AFTER = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Config config;
  private final AgentMetrics metrics;
  private final AgentState state;
  private final AdminServer adminServer;
  private final MetricsReporter reporter;
  private final Telemetry telemetry;
  private Future<Void> warm = Future.succeededFuture();
  private @Nullable GuestPool pool;
  private @Nullable String listener;
  private @Nullable ModuleReloader reloader;

  /** Ends it. */
  private Runnable heapKeeper = () -> {};

  @Inject
  public Agent(
      Vertx vertx,
      Config config,
      AgentMetrics metrics,
      AgentState state,
      AdminServer adminServer,
      MetricsReporter reporter,
      Telemetry telemetry) {
    this.vertx = vertx;
    this.config = config;
    this.metrics = metrics;
    this.state = state;
    this.adminServer = adminServer;
    this.reporter = reporter;
    this.telemetry = telemetry;
  }

  /**
   * Starts serving; when it returns, the socket is there.
   *
   * @throws io.sentinel.agent.config.SettingException if a setting is missing or wrong
   * @throws AdminPortException if the admin port was asked for and cannot be had
   * @throws ModuleException if the module cannot be used
   * @throws io.sentinel.agent.server.ListenException if the socket cannot be had
   */
  public void start() {
    AgentSettings settings = AgentSettings.from(config);
    long begun = System.nanoTime();
    Future<Void> adminPort = openAdminPort(settings); // while the module is compiled
    String name = LogText.of(String.valueOf(settings.module().getFileName()));
    LogOrigin origin = new LogOrigin(name);
    AgentMetrics.Observers observers = observers(settings, name);
    ModuleLoader loader =
        new ModuleLoader(
            settings.module(),
            settings.limits(),
            settings.imports(),
            cache(settings),
            settings.pool().loadTimeout());
    Optional<FileStamp> stamp = FileStamp.of(settings.module());
    try {
      CompiledModule module = loader.load();
      await(adminPort);
      GuestPool made =
          new GuestPool(
              vertx,
              module,
              settings.pool(),
              observers.pool(),
              new GuestLog(origin),
              origin,
              Agent::endHopeless);
      pool = made;
      warm = made.warmUp(); // while the instances are made and the rehearsal goes on
      await(made.start());
      state.loaded(settings.module(), made);
    } catch (ModuleException e) {
      throw new ModuleException(
          "the module %s cannot be used: %s".formatted(settings.module(), e.getMessage()), e);
    }
    listen(settings, pool, observers.server(), origin);
    ModuleReloader watch = new ModuleReloader(loader, stamp, settings.watchModule(), pool, state);
    watch.start();
    reloader = watch;
    heapKeeper = new HeapKeeper(vertx).start();
    LOG.infof(
        "Serving %s on %s: pool of %d, timeout %d ms, failing %s, ready in %d ms",
        settings.module(),
        settings.listener().socket(),
        settings.pool().size(),
        settings.pool().timeout().toMillis(),
        settings.failOpen() ? "open" : "closed",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  /** Loads the module's file again, and serves it if it can be used. */
  public void reload() {
    if (reloader != null) {
      reloader.reload();
    }
  }

  /** Answers what has arrived, and stops. Does nothing if it is not serving. */
  public void stop() {
    state.setStopping();
    if (reloader != null) {
      reloader.close();
      reloader = null;
    }
    heapKeeper.run();
    heapKeeper = () -> {};
    if (listener != null) {
      LOG.info("Stopping");
      await(
          vertx
              .undeploy(listener)
              .timeout(LISTENER_STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .otherwiseEmpty());
      listener = null;
    }
    await(warm.timeout(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS).otherwiseEmpty());
    if (pool != null) {
      await(pool.close().timeout(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS).otherwiseEmpty());
      pool = null;
    }
  }

  /** Ends the process, in order if that can be, for its supervisor to start a new one. */
  private static void endHopeless() {
    LastResort.haltAfter(HALT_AFTER, HOPELESS_EXIT_CODE); // first: all else may fail
    LOG.fatalf("A new process is needed: ending with exit code %d", HOPELESS_EXIT_CODE);
    Quarkus.asyncExit(HOPELESS_EXIT_CODE);
  }

  private static ModuleCache cache(AgentSettings settings) {
    return settings
        .moduleCache()
        .place(System.getenv())
        .map(place -> ModuleCache.at(place, Version.number()))
        .orElse(ModuleCache.NONE);
  }

  private AgentMetrics.Observers observers(AgentSettings settings, String module) {
    OtlpSettings otlp = settings.otlp();
    if (otlp.sendsMetrics()) {
      telemetry.exportMetrics(otlp.endpoint().orElseThrow());
    }
    AgentMetrics.Observers observers = metrics.register(metered(settings, module));
    return otlp.sendsTraces() ? telemetry.traced(observers, module) : observers;
  }

  private Future<Void> openAdminPort(AgentSettings settings) {
    if (settings.adminPort() == 0 || LaunchMode.current() != LaunchMode.NORMAL) {
      return Future.succeededFuture();
    }
    return adminServer
        .listen(settings.adminHost(), settings.adminPort())
        .<Void>mapEmpty()
        .recover(e -> withoutAdminPort(settings, e));
  }

  private static Future<Void> withoutAdminPort(AgentSettings settings, Throwable why) {
    String problem =
        "the admin port %s:%d cannot be had (%s): choose another with %s, or 0 for none"
            .formatted(
                settings.adminHost(),
                settings.adminPort(),
                LogText.of(String.valueOf(why.getMessage())),
                Setting.ADMIN_PORT.flag());
    if (settings.adminPortGiven()) {
      return Future.failedFuture(new AdminPortException(problem));
    }
    LOG.warnf("Serving without health and metrics: %s", problem);
    return Future.succeededFuture();
  }

  private static MeteredAgent metered(AgentSettings settings, String module) {
    return new MeteredAgent(
        module,
        Version.number(),
        settings.pool().timeout(),
        settings.pool().queueCapacity(),
        settings.limits().memoryBytes());
  }

  private void listen(
      AgentSettings settings, GuestPool ready, ServerObserver observer, LogOrigin origin) {
    AgentListener server =
        new AgentListener(
            ready,
            settings.listener(),
            new FailurePolicy(settings.failOpen()),
            settings.pool().timeout(),
            observer,
            reporter::report,
            origin,
            Version.number());
    listener = await(vertx.deployVerticle(server));
    new Rehearsal(ready, server.privateSocket()).run();
    await(warm);
    await(server.publish());
    metrics.startCounting();
    state.setListening(server::isReachable);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw unwrap(e.getCause());
    }
  }

  private static RuntimeException unwrap(@Nullable Throwable cause) {
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }
}
