package io.sentinel.agent.wasm;

import io.sentinel.agent.message.AgentEvent;
import java.util.Optional;

/**
 * Where goes what modules write. Told after the call in which they wrote, on the thread that ran
 * it, which may have been interrupted: it must be quick, thread-safe, and throw nothing.
 */
public interface GuestOutput {

  /** Keeps nothing. */
  GuestOutput NONE =
      new GuestOutput() {
        @Override
        public void line(Optional<AgentEvent> event, String line) {}

        @Override
        public void lost(Optional<AgentEvent> event, long bytes) {}
      };

  /**
   * A line that a guest wrote.
   *
   * @param event the one under way; none while an instance is started
   * @param line without its end, at most {@value GuestLines#LINE_BYTES} characters; whatever the
   *     guest likes is in it
   */
  void line(Optional<AgentEvent> event, String line);

  /** The guest wrote so many bytes more in this call than are kept. */
  void lost(Optional<AgentEvent> event, long bytes);
}
