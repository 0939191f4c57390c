package io.sentinel.agent.cli;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.sentinel.agent.text.LogText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of the process, which says why before it comes. See "Why does the agent end its process
 * itself?" in RATIONALE.md.
 */
final class Exit {

  /** The module, the socket, the admin port or what else a start needs is not to be had. */
  static final int UNUSABLE = 1;

  static final int USAGE = 2;

  /** How long Quarkus may take to stop when the agent has; it takes milliseconds. */
  static final Duration STOP_LIMIT = Duration.ofSeconds(3);

  /** How long the log's last lines are waited for; nobody may be reading it. */
  private static final Duration LOG_LIMIT = Duration.ofSeconds(1);

  private static final int MAX_CHARS = 500;

  private Exit() {}

  /** Runs the agent within Quarkus until it ends; the process ends with it. */
  static void afterRunning(Class<AgentApplication> application) {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      Quarkus.run(application); // the process is not the agent's own
      return;
    }
    try {
      Quarkus.run(application, Exit::with);
    } catch (Throwable e) { // an Error, which Quarkus leaves to us, and its threads running
      with(UNUSABLE, e);
    }
  }

  /** A reason that was foreseen: one line on standard error. */
  static int complain(@Nullable String reason, int exitCode) {
    LastResort.haltAfter(STOP_LIMIT, exitCode); // nobody may be reading it
    System.err.println("sentinel-wasm-agent: " + reason);
    return exitCode;
  }

  /** The agent has stopped: what it logged is to be read before Quarkus stops, too. */
  static void whenStopped(int exitCode) {
    LastResort.haltAfter(STOP_LIMIT, exitCode);
    LogDrain.await(LOG_LIMIT);
  }

  /**
   * Ends the process.
   *
   * @param unforeseen what Quarkus or the agent threw, if it ends for that
   */
  private static void with(int exitCode, @Nullable Throwable unforeseen) {
    LastResort.haltAfter(STOP_LIMIT, exitCode);
    if (unforeseen != null) {
      LogDrain.await(LOG_LIMIT);
      System.err.println("sentinel-wasm-agent: it cannot go on: " + rootOf(unforeseen));
      unforeseen.printStackTrace();
    }
    System.exit(exitCode);
  }

  private static String rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return LogText.of(root.toString(), MAX_CHARS);
  }
}
