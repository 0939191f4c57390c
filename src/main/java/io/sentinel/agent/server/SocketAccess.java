package io.sentinel.agent.server;

import java.util.Optional;

/**
 * Who may connect to the socket: writing to it is connecting.
 *
 * @param rights as {@code ls} shows them: {@code rw-------}
 * @param group the name of the group it belongs to; the process's own where empty
 */
public record SocketAccess(String rights, Optional<String> group) {

  /** The process's own user, and nobody else. */
  public static final SocketAccess PRIVATE = new SocketAccess("rw-------", Optional.empty());
}
