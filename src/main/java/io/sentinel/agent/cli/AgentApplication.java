package io.sentinel.agent.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.sentinel.agent.config.SettingException;
import io.sentinel.agent.server.ListenException;
import io.sentinel.agent.wasm.ModuleException;
import jakarta.inject.Inject;

/** The agent within Quarkus's life: starts, waits, stops. */
public final class AgentApplication implements QuarkusApplication {

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
    Exit.whenStopped(exitCode);
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
      return Exit.complain(e.getMessage(), Exit.USAGE);
    } catch (ModuleException | ListenException | AdminPortException e) {
      return Exit.complain(e.getMessage(), Exit.UNUSABLE);
    }
  }

  private void terminate() {
    Quarkus.asyncExit(0);
    if (!serving) {
      LastResort.haltAfter(Exit.STOP_LIMIT, 0); // nobody waits for a module to be compiled
    }
  }
}
