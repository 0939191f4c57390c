package io.sentinel.agent.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.sentinel.agent.config.Setting;
import io.sentinel.agent.config.SettingException;
import io.sentinel.agent.server.ListenException;
import io.sentinel.agent.wasm.ModuleException;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** The agent within Quarkus's life: starts, waits, stops. */
public final class AgentApplication implements QuarkusApplication {

  private static final int UNUSABLE = 1;
  private static final int USAGE = 2;

  private final Agent agent;

  @Inject
  AgentApplication(Agent agent) {
    this.agent = agent;
  }

  @Override
  public int run(String... args) {
    try {
      agent.start();
      Signals.exitOnTermination();
      Quarkus.waitForExit();
      return 0;
    } catch (SettingException e) {
      return complain(e.getMessage(), USAGE);
    } catch (ModuleException | ListenException e) {
      return complain(e.getMessage(), UNUSABLE);
    } finally {
      agent.stop();
    }
  }

  /** Called when Quarkus has ended, or could not begin. */
  static void ended(int exitCode, @Nullable Throwable problem) {
    if (problem instanceof io.quarkus.runtime.QuarkusBindException) {
      complain(
          "the admin port is taken: choose another with %s, or 0 for none"
              .formatted(Setting.ADMIN_PORT.flag()),
          UNUSABLE);
    }
    System.exit(exitCode);
  }

  private static int complain(@Nullable String message, int exitCode) {
    System.err.println("sentinel-wasm-agent: " + message);
    return exitCode;
  }
}
