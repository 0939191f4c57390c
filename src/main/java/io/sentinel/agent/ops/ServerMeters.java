package io.sentinel.agent.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
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
  private final Tally[][] events =
      new Tally[EventType.values().length][Decision.Kind.values().length];
  private final @Nullable Tally[][] failures =
      new Tally[EventType.values().length][AgentFailure.Code.values().length];
  private final Tally[] failedOpen = new Tally[EventType.values().length];
  private final @Nullable Tally[] rejectedHeaders = new Tally[EventType.values().length];
  private final Tally[] dropped = new Tally[DropReason.values().length];
  private final Tally[] speaking = new Tally[VERSIONS];
  private final Tally cancelled;
  private final Tally ignored;
  private final Tally framesReceived;
  private final Tally bytesReceived;
  private final Tally framesSent;
  private final Tally bytesSent;
  private final AtomicInteger connections = new AtomicInteger();

  ServerMeters(MeterRegistry registry, String module, AgentMetrics.Counting counting) {
    this.counting = counting;
    for (EventType type : EventType.values()) {
      for (Decision.Kind decision : Decision.Kind.values()) {
        events[type.ordinal()][decision.ordinal()] =
            Tally.register(
                registry,
                "sentinel.events",
                "Events answered",
                Tags.of("module", module, "event", type.label(), "decision", decision.label()));
      }
      failedOpen[type.ordinal()] =
          Tally.register(
              registry,
              "sentinel.events.failed.open",
              "Events allowed by the failure policy, and not by the module",
              Tags.of("module", module, "event", type.label()));
      for (AgentFailure.Code code : failuresOf(type)) {
        failures[type.ordinal()][code.ordinal()] =
            Tally.register(
                registry,
                "sentinel.module.errors",
                "Events answered by the failure policy",
                Tags.of("module", module, "event", type.label(), "code", code.label()));
      }
    }
    for (EventType type : PoolMeters.DECIDED) {
      rejectedHeaders[type.ordinal()] =
          Tally.register(
              registry,
              "sentinel.header.operations.rejected",
              "Header operations of the module that were left out of an answer",
              Tags.of("module", module, "event", type.label()));
    }
    for (DropReason reason : DropReason.values()) {
      dropped[reason.ordinal()] =
          Tally.register(
              registry,
              "sentinel.connections.dropped",
              "Connections that the agent gave up",
              Tags.of("reason", reason.label()));
    }
    for (int version = 1; version <= VERSIONS; version++) {
      speaking[version - 1] =
          Tally.register(
              registry,
              "sentinel.connections.accepted",
              "Connections, by the version of the protocol that they speak",
              Tags.of("protocol", Integer.toString(version)));
    }
    cancelled =
        Tally.register(
            registry,
            "sentinel.events.cancelled",
            "Events without an answer, for nobody waited for it",
            Tags.of("module", module));
    ignored =
        Tally.register(
            registry, "sentinel.messages.ignored", "Messages that ask for nothing", Tags.empty());
    framesReceived =
        Tally.register(registry, "sentinel.received.frames", "Whole frames received", Tags.empty());
    bytesReceived =
        Tally.register(registry, "sentinel.received.bytes", "Bytes received", Tags.empty());
    framesSent = Tally.register(registry, "sentinel.sent.frames", "Frames sent", Tags.empty());
    bytesSent = Tally.register(registry, "sentinel.sent.bytes", "Bytes sent", Tags.empty());
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
      bytesReceived.add(bytes);
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
      framesSent.add(frames);
      bytesSent.add(bytes);
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

  private static void increment(@Nullable Tally tally, int by) {
    if (tally != null) {
      tally.add(by);
    }
  }
}
