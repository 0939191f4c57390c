package io.sentinel.agent.ops;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentFailure;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.Outcome;
import io.sentinel.agent.server.DropReason;
import io.sentinel.agent.server.ServerObserver;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Continues the proxy's traces: a span, from arrival to answer, for each event whose {@code
 * traceparent} is sampled. It begins no trace of its own.
 */
final class TracedEvents implements ServerObserver {

  private static final AttributeKey<String> MODULE = AttributeKey.stringKey("sentinel.module");
  private static final AttributeKey<String> DECISION = AttributeKey.stringKey("sentinel.decision");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("sentinel.route");
  private static final AttributeKey<String> CORRELATION_ID =
      AttributeKey.stringKey("sentinel.correlation_id");
  private static final AttributeKey<List<String>> TAGS =
      AttributeKey.stringArrayKey("sentinel.audit.tags");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  /** Texts from outside are cut: a span is kept in memory until it is sent. */
  private static final int MAX_CHARS = 128;

  private final ServerObserver next;
  private final Tracer tracer;
  private final String module;

  TracedEvents(ServerObserver next, Tracer tracer, String module) {
    this.next = next;
    this.tracer = tracer;
    this.module = module;
  }

  @Override
  public void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos) {
    next.answered(event, reply, outcome, nanos);
    if (event instanceof AgentEvent.RequestHeaders request && request.traceparent().isPresent()) {
      Context parent =
          W3CTraceContextPropagator.getInstance()
              .extract(Context.root(), request.traceparent().get(), TraceParent.GETTER);
      if (Span.fromContext(parent).getSpanContext().isSampled()) {
        record(parent, request, reply, outcome, nanos);
      }
    }
  }

  private void record(
      Context parent,
      AgentEvent.RequestHeaders request,
      AgentReply reply,
      Outcome outcome,
      long nanos) {
    Instant now = Instant.now();
    long end = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    Span span =
        tracer
            .spanBuilder(request.type().label())
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(end - nanos, TimeUnit.NANOSECONDS)
            .setAttribute(MODULE, module)
            .setAttribute(CORRELATION_ID, cut(request.correlationId()))
            .setAttribute(DECISION, reply.decision().kind().label())
            .startSpan();
    request.routeId().ifPresent(route -> span.setAttribute(ROUTE, cut(route)));
    if (!reply.audit().tags().isEmpty()) {
      span.setAttribute(TAGS, reply.audit().tags());
    }
    switch (reply.decision()) {
      case Decision.Block block -> span.setAttribute(STATUS, (long) block.status());
      case Decision.Redirect redirect -> span.setAttribute(STATUS, (long) redirect.status());
      case Decision.Allow _, Decision.Challenge _ -> {}
    }
    if (outcome instanceof Outcome.Failed(AgentFailure failure)) {
      span.setAttribute(ERROR, failure.code().label());
      span.setStatus(StatusCode.ERROR);
    }
    span.end(end, TimeUnit.NANOSECONDS);
  }

  private static String cut(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
  }

  @Override
  public void cancelled() {
    next.cancelled();
  }

  @Override
  public void messageIgnored() {
    next.messageIgnored();
  }

  @Override
  public void connectionOpened() {
    next.connectionOpened();
  }

  @Override
  public void connectionClosed() {
    next.connectionClosed();
  }

  @Override
  public void connectionSpeaks(int protocolVersion) {
    next.connectionSpeaks(protocolVersion);
  }

  @Override
  public void bytesReceived(int bytes) {
    next.bytesReceived(bytes);
  }

  @Override
  public void frameReceived() {
    next.frameReceived();
  }

  @Override
  public void sent(int frames, int bytes) {
    next.sent(frames, bytes);
  }

  @Override
  public void connectionDropped(DropReason reason) {
    next.connectionDropped(reason);
  }

  /** A text that is the one header which the propagator looks for. */
  private enum TraceParent implements TextMapGetter<String> {
    GETTER;

    private static final String NAME = "traceparent";

    @Override
    public Iterable<String> keys(String traceparent) {
      return List.of(NAME);
    }

    @Override
    public @Nullable String get(@Nullable String traceparent, String key) {
      return key.equals(NAME) ? traceparent : null;
    }
  }
}
