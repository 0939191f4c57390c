package io.sentinel.agent.server;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How the agent listens.
 *
 * @param socket where the proxy finds it
 * @param grace how long events that have arrived may take to be answered when the agent stops
 * @param maxInFlight events that one connection of version 2 may have under way
 * @param reportInterval how often version 2 is sent health and metrics; zero for never
 */
public record ListenerSettings(
    Path socket, Duration grace, int maxInFlight, Duration reportInterval) {

  public static final int DEFAULT_MAX_IN_FLIGHT = 256;

  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
}
