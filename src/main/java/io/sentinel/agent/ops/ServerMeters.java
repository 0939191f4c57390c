package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.server.DropReason;
import io.sentinel.agent.server.ServerObserver;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What is counted of connections and answers. */
@SuppressWarnings("EnumOrdinal") // an index into arrays that live as long as the process
final class ServerMeters implements ServerObserver {

  private static final int VERSIONS = 2;

  private final AgentMetrics.Counting counting;
  private final Counter[][] events =
      new Counter[EventType.values().length][Decision.Kind.values().length];
  private final @Nullable Counter[][] failures =
      new Counter[EventType.values().length][AgentFailure.Code.values().length];
  private final Counter[] failedOpen = new Counter[EventType.values().length];
  private final @Nullable Counter[] rejectedHeaders = new Counter[EventType.values().length];
  private final Counter[] dropped = new Counter[DropReason.values().length];
  private final Counter[] speaking = new Counter[VERSIONS];
  private final Counter cancelled;
  private final Counter ignored;
  private final Counter framesReceived;
  private final Counter bytesReceived;
  private final Counter framesSent;
  private final Counter bytesSent;
  private final AtomicInteger connections = new AtomicInteger();

  ServerMeters(MeterRegistry registry, String module, AgentMetrics.Counting counting) {
    this.counting = counting;
    for (EventType type : EventType.values()) {
      for (Decision.Kind decision : Decision.Kind.values()) {
        events[type.ordinal()][decision.ordinal()] =
            Counter.builder("sentinel.events")
                .description("Events answered")
                .tag("module", module)
                .tag("event", type.label())
                .tag("decision", decision.label())
                .register(registry);
      }
      failedOpen[type.ordinal()] =
          Counter.builder("sentinel.events.failed.open")
              .description("Events allowed by the failure policy, and not by the module")
              .tag("module", module)
              .tag("event", type.label())
              .register(registry);
      for (AgentFailure.Code code : failuresOf(type)) {
        failures[type.ordinal()][code.ordinal()] =
            Counter.builder("sentinel.module.errors")
                .description("Events answered by the failure policy")
                .tag("module", module)
                .tag("event", type.label())
                .tag("code", code.label())
                .register(registry);
      }
    }
    for (EventType type : PoolMeters.DECIDED) {
      rejectedHeaders[type.ordinal()] =
          Counter.builder("sentinel.header.operations.rejected")
              .description("Header operations of the module that were left out of an answer")
              .tag("module", module)
              .tag("event", type.label())
              .register(registry);
    }
    for (DropReason reason : DropReason.values()) {
      dropped[reason.ordinal()] =
          Counter.builder("sentinel.connections.dropped")
              .description("Connections that the agent gave up")
              .tag("reason", reason.label())
              .register(registry);
    }
    for (int version = 1; version <= VERSIONS; version++) {
      speaking[version - 1] =
          Counter.builder("sentinel.connections.accepted")
              .description("Connections, by the version of the protocol that they speak")
              .tag("protocol", Integer.toString(version))
              .register(registry);
    }
    cancelled =
        Counter.builder("sentinel.events.cancelled")
            .description("Events without an answer, for nobody waited for it")
            .tag("module", module)
            .register(registry);
    ignored = counter("sentinel.messages.ignored", "Messages that ask for nothing", registry);
    framesReceived = counter("sentinel.received.frames", "Whole frames received", registry);
    bytesReceived = counter("sentinel.received.bytes", "Bytes received", registry);
    framesSent = counter("sentinel.sent.frames", "Frames sent", registry);
    bytesSent = counter("sentinel.sent.bytes", "Bytes sent", registry);
    Gauge.builder("sentinel.connections.open", connections, AtomicInteger::get)
        .description("Connections that are open")
        .register(registry);
  }

  @Override
  public void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos) {
    if (!counting.isOn()) {
      return;
    }
    events[event.type().ordinal()][reply.decision().kind().ordinal()].increment();
    if (reply.rejectedHeaders() > 0) {
      increment(rejectedHeaders[event.type().ordinal()], reply.rejectedHeaders());
    }
    if (outcome instanceof Outcome.Failed(AgentFailure failure)) {
      increment(failures[event.type().ordinal()][failure.code().ordinal()], 1);
      if (reply.decision().kind() == Decision.Kind.ALLOW) {
        failedOpen[event.type().ordinal()].increment();
      }
    }
  }

  @Override
  public void messageIgnored() {
    ignored.increment();
  }

  @Override
  public void cancelled() {
    cancelled.increment();
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
  public void connectionSpeaks(int protocolVersion) {
    if (counting.isOn()) {
      speaking[protocolVersion - 1].increment();
    }
  }

  @Override
  public void bytesReceived(int bytes) {
    if (counting.isOn()) {
      bytesReceived.increment(bytes);
    }
  }

  @Override
  public void frameReceived() {
    if (counting.isOn()) {
      framesReceived.increment();
    }
  }

  @Override
  public void sent(int frames, int bytes) {
    if (counting.isOn()) {
      framesSent.increment(frames);
      bytesSent.increment(bytes);
    }
  }

  @Override
  public void connectionDropped(DropReason reason) {
    dropped[reason.ordinal()].increment();
  }

  /** With what an event of this kind can end: only what modules decide gets to the pool. */
  private static Set<AgentFailure.Code> failuresOf(EventType type) {
    return PoolMeters.DECIDED.contains(type)
        ? EnumSet.complementOf(EnumSet.of(AgentFailure.Code.CANCELLED)) // which has no answer
        : EnumSet.of(AgentFailure.Code.BAD_EVENT);
  }

  private static void increment(@Nullable Counter counter, int by) {
    if (counter != null) {
      counter.increment(by);
    }
  }

  private static Counter counter(String name, String description, MeterRegistry registry) {
    return Counter.builder(name).description(description).register(registry);
  }
}
