package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.text.LogText;
import java.util.Optional;

/**
 * What a line of the log is about, as it stands at the line's end: {@code [module=policy.wasm
 * event=request_headers correlation_id=… route=…]}. The proxy names a route in some events only.
 */
public final class LogOrigin {

  private final String module;

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

  /** Of a line about an instance: without an event, it is being started. */
  String of(Optional<AgentEvent> event) {
    return event.map(this::of).orElseGet(() -> "[module=%s starting]".formatted(module));
  }

  /** Of a line about the module itself. */
  public String ofModule() {
    return "[module=%s]".formatted(module);
  }
}
