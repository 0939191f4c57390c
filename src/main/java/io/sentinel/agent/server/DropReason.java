package io.sentinel.agent.server;

import java.util.Locale;

/** Why the agent closed a connection that its peer had not ended. */
public enum DropReason {
  /** What came over it is no message of the protocol. */
  MALFORMED,
  /** It ended in the middle of a frame. */
  TRUNCATED,
  /** A frame that had begun was not there after a while. */
  SLOW,
  /** It held most of the bytes when all connections together held too many. */
  OVER_BUDGET,
  /** Its answers were not read for too long. */
  UNREAD,
  /** Its answer was so late that it could be taken for the next one's. */
  LATE,
  /** A fault of the agent's own came up in its handling. */
  FAULT;

  /** The reason in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
