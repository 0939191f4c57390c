package io.sentinel.agent.server;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How the agent listens.
 *
 * @param socket where the proxy finds it
 * @param access who else may connect to it
 * @param grace how long events that have arrived may take to be answered when the agent stops
 * @param maxInFlight events that one connection of version 2 may have under way
 * @param frameTimeout how long a frame may take from its first byte to its last
 * @param unreadTimeout how long a peer may leave its answers unread
 * @param bufferBytes what incomplete frames, the frames of events under way and unsent answers may
 *     come to, over all connections
 * @param reportInterval how often version 2 is sent health and metrics; zero for never
 * @param transport what Vert.x was started with
 */
public record ListenerSettings(
    Path socket,
    SocketAccess access,
    Duration grace,
    int maxInFlight,
    Duration frameTimeout,
    Duration unreadTimeout,
    long bufferBytes,
    Duration reportInterval,
    SocketTransport transport) {

  public static final int DEFAULT_MAX_IN_FLIGHT = 256;

  public static final Duration DEFAULT_FRAME_TIMEOUT = Duration.ofSeconds(5);

  public static final Duration DEFAULT_UNREAD_TIMEOUT = Duration.ofSeconds(30);

  public static final long DEFAULT_BUFFER_BYTES = 64L << 20;

  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
}
