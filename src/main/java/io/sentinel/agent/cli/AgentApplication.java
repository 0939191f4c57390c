package io.sentinel.agent.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.sentinel.agent.config.SettingException;
import io.sentinel.agent.server.ListenException;
import io.sentinel.agent.wasm.ModuleException;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The agent within Quarkus's life: starts, waits, stops. */
public final class AgentApplication implements QuarkusApplication {

  private static final int UNUSABLE = 1;
  private static final int USAGE = 2;

  /** How long Quarkus may take to stop when the agent has; it takes milliseconds. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

  private final Agent agent;
  private volatile boolean serving;

  @Inject
  AgentApplication(Agent agent) {
    this.agent = agent;
  }

  @Override
  public int run(String... args) {
    int exitCode;
    try {
      exitCode = serve();
    } finally {
      agent.stop();
    }
    LastResort.haltAfter(STOP_LIMIT, exitCode);
    return exitCode;
  }

  private int serve() {
    try {
      Signals.onTermination(this::terminate);
      agent.start();
      serving = true;
      Signals.onHangUp(agent::reload);
      Quarkus.waitForExit();
      return 0;
    } catch (SettingException e) {
      return complain(e.getMessage(), USAGE);
    } catch (ModuleException | ListenException | AdminPortException e) {
      return complain(e.getMessage(), UNUSABLE);
    }
  }

  private void terminate() {
    Quarkus.asyncExit(0);
    if (!serving) {
      LastResort.haltAfter(STOP_LIMIT, 0); // nobody waits for a module to be compiled
    }
  }

  private static int complain(@Nullable String message, int exitCode) {
    System.err.println("sentinel-wasm-agent: " + message);
    return exitCode;
  }
}
