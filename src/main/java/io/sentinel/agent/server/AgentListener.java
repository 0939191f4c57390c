package io.sentinel.agent.server;

import static java.util.Objects.requireNonNull;

import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.MetricsReport;
import io.sentinel.agent.pool.GuestPool;
import io.sentinel.agent.pool.LogOrigin;
import io.sentinel.agent.wire.Capabilities;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Listens on the Unix socket. One event loop carries the listener and all its connections. */
public final class AgentListener extends AbstractVerticle {

  private static final Logger LOG = Logger.getLogger(AgentListener.class);

  /** How much later than its deadline an answer may still be written (protocol.md, section 2). */
  private static final Duration LATENESS = Duration.ofMillis(50);

  /**
   * How long connections are still read when the agent stops, so that every frame that had arrived
   * by then is among what is answered.
   */
  private static final long LAST_READ_MS = 50;

  /** How often the log is told of lines that were held back. */
  private static final long TELL_HELD_BACK_MS = 1_000;

  private static final long CHECK_SOCKET_MS = 1_000;

  private final GuestPool pool;
  private final ListenerSettings settings;
  private final FailurePolicy failurePolicy;
  private final Duration timeout;
  private final ServerObserver observer;
  private final Supplier<MetricsReport> metrics;
  private final EventLog eventLog;
  private final String version;
  private final Set<Session> sessions = new HashSet<>();
  private @Nullable SocketFile socketFile;
  private @Nullable NetServer server;
  private @Nullable MessageConsumer<Exchange> consumer;
  private @Nullable Promise<Void> drained;
  private volatile boolean published;
  private volatile boolean reachable;
  private @Nullable Reports reports;

  /**
   * @param timeout of one call: what an answer's lateness is measured against
   * @param metrics what the peers of version 2 are told in numbers
   * @param origin what lines about events end with
   * @param version the agent's own
   */
  public AgentListener(
      GuestPool pool,
      ListenerSettings settings,
      FailurePolicy failurePolicy,
      Duration timeout,
      ServerObserver observer,
      Supplier<MetricsReport> metrics,
      LogOrigin origin,
      String version) {
    this.pool = pool;
    this.settings = settings;
    this.failurePolicy = failurePolicy;
    this.timeout = timeout;
    this.observer = observer;
    this.metrics = metrics;
    this.eventLog = new EventLog(origin);
    this.version = version;
  }

  /** Listens in private; fails with a {@link ListenException} if the socket cannot be had. */
  @Override
  public void start(Promise<Void> started) {
    Optional<ListenException> problem = transportProblem();
    if (problem.isPresent()) {
      started.fail(problem.get());
      return;
    }
    EventBus eventBus = vertx.eventBus();
    ExchangeCodec.register(eventBus);
    Dispatcher dispatcher = new Dispatcher(pool, new Reconfiguration(pool, failurePolicy, timeout));
    MessageConsumer<Exchange> events = eventBus.localConsumer(Dispatcher.ADDRESS);
    events.handler(message -> dispatch(dispatcher, message.body()));
    consumer = events;

    Outbox outbox = new Outbox(context);
    Reports made = new Reports(pool, metrics, settings.reportInterval(), sessions);
    outbox.afterwards(made::checkQueue);
    reports = made;
    Listening listening = listening(eventBus, outbox);
    if (settings.reportInterval().isPositive()) {
      vertx.setPeriodic(settings.reportInterval().toMillis(), _ -> made.send());
    }
    vertx.setPeriodic(CHECK_SOCKET_MS, _ -> checkSocket());
    vertx.setPeriodic(TELL_HELD_BACK_MS, _ -> eventLog.tellHeldBack());
    NetServer listener = vertx.createNetServer(new NetServerOptions());
    listener.connectHandler(
        socket -> {
          sessions.add(new Session(socket, listening));
          observer.connectionOpened();
        });
    listener.exceptionHandler(e -> LOG.debugf("A connection was not accepted: %s", e.getMessage()));
    server = listener;

    vertx
        .executeBlocking(() -> SocketFile.claim(settings.socket(), settings.access()))
        .compose(file -> listen(listener, file))
        .<Void>mapEmpty()
        .onComplete(started);
  }

  private Optional<ListenException> transportProblem() {
    if (!((VertxInternal) vertx).transport().supportsDomainSockets()) {
      return Optional.of(new ListenException("Vert.x was started without Unix sockets"));
    }
    if (vertx.isNativeTransportEnabled() || settings.transport() == SocketTransport.NIO) {
      return Optional.empty();
    }
    if (settings.transport() == SocketTransport.EPOLL) {
      return Optional.of(
          new ListenException("the transport epoll is not to be had here: use nio, or auto"));
    }
    LOG.info("Netty's epoll is not to be had here: the socket is read by the JDK's channels");
    return Optional.empty();
  }

  private Listening listening(EventBus eventBus, Outbox outbox) {
    DeliveryOptions local =
        new DeliveryOptions().setLocalOnly(true).setCodecName(ExchangeCodec.NAME);
    Context eventLoop = context;
    return new Listening(
        outbox,
        this::capabilities,
        settings.maxInFlight(),
        exchange -> send(eventBus, exchange, local),
        pool::cancel,
        failurePolicy,
        eventLog,
        intake(),
        pulse(),
        observer,
        timeout.plus(LATENESS).toNanos(),
        settings.unreadTimeout(),
        task -> eventLoop.runOnContext(_ -> task.run()),
        millis -> task -> timer(millis, task),
        this::sessionClosed);
  }

  private static void send(EventBus eventBus, Exchange exchange, DeliveryOptions options) {
    try {
      eventBus.send(Dispatcher.ADDRESS, exchange, options);
    } catch (Throwable e) { // or it would count as under way for ever
      exchange.fault(e);
    }
  }

  private static void dispatch(Dispatcher dispatcher, Exchange exchange) {
    try {
      dispatcher.dispatch(exchange);
    } catch (Throwable e) {
      exchange.fault(e);
    }
  }

  private Pulse pulse() {
    Pulse pulse = new Pulse(System.nanoTime());
    beatAgain(pulse);
    return pulse;
  }

  /** Not by a periodic timer, which makes up for the beats that a standstill has cost. */
  private void beatAgain(Pulse pulse) {
    vertx.setTimer(
        Pulse.BEAT_MS,
        _ -> {
          pulse.beat(System.nanoTime());
          beatAgain(pulse);
        });
  }

  private IntakeGuard intake() {
    IntakeGuard intake = new IntakeGuard(sessions, settings.bufferBytes(), settings.frameTimeout());
    vertx.setPeriodic(IntakeGuard.SWEEP_MS, _ -> intake.sweep());
    return intake;
  }

  private Runnable timer(long millis, Runnable task) {
    long id = vertx.setTimer(millis, _ -> task.run());
    return () -> vertx.cancelTimer(id);
  }

  /** What is handled may change with the module. */
  private Capabilities capabilities() {
    Set<EventType> handled =
        Arrays.stream(EventType.values()).filter(pool::handles).collect(Collectors.toSet());
    return new Capabilities(
        version, handled, settings.maxInFlight(), settings.reportInterval().isPositive());
  }

  private Future<Void> listen(NetServer listener, SocketFile file) {
    socketFile = file;
    return listener
        .listen(SocketAddress.domainSocketAddress(file.bindTo().toString()))
        .onFailure(_ -> file.discard())
        .mapEmpty();
  }

  /** Where the listener answers before it is published, and nobody else can connect. */
  public Path privateSocket() {
    return requireNonNull(socketFile, "not deployed").bindTo();
  }

  /** Gives the socket its name; fails with a {@link ListenException} if somebody was quicker. */
  public Future<Void> publish() {
    SocketFile file = requireNonNull(socketFile, "not deployed");
    return vertx
        .<Void>executeBlocking(
            () -> {
              eventLog.begin();
              file.publish();
              return null;
            })
        .onSuccess(
            _ -> {
              reachable = true;
              published = true;
            });
  }

  /** Whether the path still leads here, as of a second ago: else no proxy can connect any more. */
  public boolean isReachable() {
    return reachable;
  }

  private void checkSocket() {
    SocketFile file = socketFile;
    if (file == null || !published || drained != null) {
      return;
    }
    vertx
        .executeBlocking(file::isInPlace)
        .onSuccess(
            inPlace -> {
              if (drained == null && inPlace != reachable) {
                reachable = inPlace;
                sayReachable(file);
              }
            });
  }

  private void sayReachable(SocketFile file) {
    if (reachable) {
      LOG.infof("The socket %s is in its place again", file);
    } else {
      LOG.errorf(
          "The socket %s was removed or replaced by somebody else: connections stay, and no proxy can"
              + " open one. Restart the agent",
          file);
    }
  }

  /**
   * Stops: takes the socket away, reads what has arrived, answers it, and closes. It is over within
   * the grace period, whatever the module does.
   */
  @Override
  public void stop(Promise<Void> stopped) {
    SocketFile file = socketFile;
    if (file != null) {
      file.remove();
      file.discard();
    }
    if (reports != null) {
      reports.announceDraining();
    }
    Promise<Void> done = Promise.promise();
    drained = done;
    vertx.setTimer(LAST_READ_MS, _ -> endSessions());
    vertx.setTimer(stopReadingAfter().toMillis(), _ -> stopReading());
    long timer = vertx.setTimer(settings.grace().toMillis(), _ -> done.tryComplete());
    done.future()
        .onComplete(
            _ -> {
              vertx.cancelTimer(timer);
              close().onComplete(stopped);
            });
  }

  private void endSessions() {
    Set.copyOf(sessions).forEach(Session::end);
    completeIfDrained();
  }

  /** So early that what is taken up by then is answered within the grace period. */
  private Duration stopReadingAfter() {
    Duration half = settings.grace().dividedBy(2);
    Duration last = settings.grace().minus(timeout).minus(LATENESS.multipliedBy(2));
    return last.compareTo(half) > 0 ? last : half;
  }

  private void stopReading() {
    Set.copyOf(sessions).forEach(Session::stopReading);
  }

  private Future<Void> close() {
    if (!sessions.isEmpty()) {
      LOG.warnf("%d connections had no answer within the grace period", sessions.size());
    }
    Future<Void> unregistered = consumer == null ? Future.succeededFuture() : consumer.unregister();
    Future<Void> closed = server == null ? Future.succeededFuture() : server.close();
    return Future.join(unregistered, closed).mapEmpty();
  }

  private void sessionClosed(Session session) {
    if (sessions.remove(session)) {
      observer.connectionClosed();
    }
    completeIfDrained();
  }

  private void completeIfDrained() {
    if (drained != null && sessions.isEmpty()) {
      drained.tryComplete();
    }
  }
}
