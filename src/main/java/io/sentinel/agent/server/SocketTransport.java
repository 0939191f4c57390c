package io.sentinel.agent.server;

/** By what the agent reads and writes its socket. */
public enum SocketTransport {
  /** Netty's epoll, or the JDK's channels where that is not to be had. */
  AUTO("auto"),

  /** Netty's epoll and nothing else. */
  EPOLL("epoll"),

  /** The JDK's channels. */
  NIO("nio");

  private final String label;

  SocketTransport(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
