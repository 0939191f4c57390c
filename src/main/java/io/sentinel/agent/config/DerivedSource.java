package io.sentinel.agent.config;

import io.quarkus.runtime.LaunchMode;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Quarkus's own settings, as far as they follow from the agent's: its HTTP server is the admin
 * port, and {@code --verbose} is a log level.
 */
public final class DerivedSource implements ConfigSourceFactory {

  /** Under everything an operator may say, over the defaults in the jar. */
  private static final int ORDINAL = 255;

  private static volatile boolean portGivenUp;

  /** Whether the default admin port was taken, and the agent goes on without one. */
  public static boolean portGivenUp() {
    return portGivenUp;
  }

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    Map<String, String> derived = new HashMap<>();
    adminPort(context, derived);
    if (Values.parseBoolean(text(context, Setting.VERBOSE)).orElse(false)) {
      derived.put("quarkus.log.category.\"io.sentinel\".level", "DEBUG");
    }
    return List.of(
        new PropertiesConfigSource(derived, "derived from the agent's settings", ORDINAL));
  }

  @Override
  public OptionalInt getPriority() {
    return OptionalInt.of(ORDINAL);
  }

  private static void adminPort(ConfigSourceContext context, Map<String, String> derived) {
    String host = text(context, Setting.ADMIN_HOST);
    int port = (int) Values.parseInteger(text(context, Setting.ADMIN_PORT), 0, 65_535).orElse(0);
    boolean given = given(context, Setting.ADMIN_PORT).isPresent();
    derived.put("quarkus.http.host", host);
    derived.put("quarkus.http.port", Integer.toString(port));
    if (port == 0) { // or a wrong one, which AgentSettings will report
      derived.put("quarkus.http.host-enabled", "false");
    } else if (!given && LaunchMode.current() == LaunchMode.NORMAL && isTaken(host, port)) {
      portGivenUp = true;
      derived.put("quarkus.http.host-enabled", "false");
    }
  }

  /** Another agent that starts at this very moment may still be quicker; then Quarkus says so. */
  private static boolean isTaken(String host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static String text(ConfigSourceContext context, Setting setting) {
    return given(context, setting).or(setting::defaultText).orElse("");
  }

  private static Optional<String> given(ConfigSourceContext context, Setting setting) {
    return Optional.ofNullable(context.getValue(setting.property())).map(ConfigValue::getValue);
  }
}
