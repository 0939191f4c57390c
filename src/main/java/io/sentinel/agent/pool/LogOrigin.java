package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.text.LogText;
import java.util.Optional;
import org.jboss.logging.MDC;

/**
 * What a line of the log is about. It stands at the line's end: {@code [module=policy.wasm
 * event=request_headers correlation_id=… route=…]}, and in fields of the same names, which a log in
 * JSON shows. The proxy names a route in some events only.
 */
public final class LogOrigin {

  private static final String MODULE = "module";
  private static final String EVENT = "event";
  private static final String CORRELATION_ID = "correlation_id";
  private static final String ROUTE = "route";

  private final String module;

  /** Fields of what this thread logs, until they are closed. */
  public interface Fields extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param module what the module is called in the log
   */
  public LogOrigin(String module) {
    this.module = LogText.of(module);
  }

  /** Of a line about an event. */
  public String of(AgentEvent event) {
    return "[module=%s event=%s correlation_id=%s%s]"
        .formatted(
            module,
            event.type().label(),
            LogText.of(event.correlationId()),
            event.routeId().map(route -> " route=" + LogText.of(route)).orElse(""));
  }

  /** The same as fields. */
  public Fields fields(AgentEvent event) {
    MDC.put(MODULE, module);
    MDC.put(EVENT, event.type().label());
    MDC.put(CORRELATION_ID, LogText.of(event.correlationId()));
    event.routeId().ifPresent(route -> MDC.put(ROUTE, LogText.of(route)));
    return LogOrigin::removeFields;
  }

  /** Of a line about an instance: without an event, it is being started. */
  String of(Optional<AgentEvent> event) {
    return event.map(this::of).orElseGet(() -> "[module=%s starting]".formatted(module));
  }

  Fields fields(Optional<AgentEvent> event) {
    return event.map(this::fields).orElseGet(this::fieldsOfModule);
  }

  /** Of a line about the module itself. */
  public String ofModule() {
    return "[module=%s]".formatted(module);
  }

  /** The same as a field. */
  public Fields fieldsOfModule() {
    MDC.put(MODULE, module);
    return LogOrigin::removeFields;
  }

  private static void removeFields() {
    MDC.remove(MODULE);
    MDC.remove(EVENT);
    MDC.remove(CORRELATION_ID);
    MDC.remove(ROUTE);
  }
}
