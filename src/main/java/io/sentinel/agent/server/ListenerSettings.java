package io.sentinel.agent.server;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How the agent listens.
 *
 * @param socket where the proxy finds it
 * @param grace how long events that have arrived may take to be answered when the agent stops
 */
public record ListenerSettings(Path socket, Duration grace) {

  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
}
