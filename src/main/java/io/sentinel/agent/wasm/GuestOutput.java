package io.sentinel.agent.wasm;

/**
 * Where goes what modules write. Told after the call in which they wrote, on the thread that ran
 * it, which may have been interrupted: it must be quick, thread-safe, and throw nothing.
 */
public interface GuestOutput {

  /** Keeps nothing. */
  GuestOutput NONE =
      new GuestOutput() {
        @Override
        public void line(String correlationId, String line) {}

        @Override
        public void lost(String correlationId, long bytes) {}
      };

  /**
   * A line that a guest wrote.
   *
   * @param correlationId of the event under way; empty while an instance is started
   * @param line without its end, at most {@value GuestLines#LINE_BYTES} characters; whatever the
   *     guest likes is in it
   */
  void line(String correlationId, String line);

  /** The guest wrote so many bytes more in this call than are kept. */
  void lost(String correlationId, long bytes);
}
