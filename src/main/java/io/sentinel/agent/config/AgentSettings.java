package io.sentinel.agent.config;

import io.sentinel.agent.pool.PoolSettings;
import io.sentinel.agent.server.ListenerSettings;
import io.sentinel.agent.server.SocketAccess;
import io.sentinel.agent.server.SocketTransport;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;

/**
 * The agent's settings, checked, and each room's share of them.
 *
 * @param adminPort 0 for none
 * @param adminPortGiven whether the operator asked for that very port
 */
public record AgentSettings(
    Path module,
    boolean watchModule,
    boolean failOpen,
    String adminHost,
    int adminPort,
    boolean adminPortGiven,
    ListenerSettings listener,
    PoolSettings pool,
    GuestLimits limits,
    ImportPolicy imports,
    ModuleCacheChoice moduleCache,
    OtlpSettings otlp) {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  /** SmallRye wraps the name of a file in the name of the class that read it. */
  private static final Pattern FILE_SOURCE = Pattern.compile(".*\\[source=(.*)]");

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final int MAX_PORT = 65_535;
  private static final int MAX_IN_FLIGHT = 65_535;

  /**
   * Reads the settings.
   *
   * @throws SettingException if one is missing or wrong
   */
  public static AgentSettings from(Config config) {
    Reader in = new Reader(config);
    in.flag(Setting.VERBOSE); // DerivedSource has acted on it, and could not complain
    in.logFormat(Setting.LOG_FORMAT); // the same
    return new AgentSettings(
        in.module(),
        in.flag(Setting.WATCH_MODULE),
        in.flag(Setting.FAIL_OPEN),
        in.text(Setting.ADMIN_HOST),
        in.integer(Setting.ADMIN_PORT, 0, MAX_PORT),
        in.isGiven(Setting.ADMIN_PORT),
        new ListenerSettings(
            Path.of(in.text(Setting.SOCKET)),
            new SocketAccess(in.mode(Setting.SOCKET_MODE), in.optional(Setting.SOCKET_GROUP)),
            ListenerSettings.DEFAULT_GRACE,
            in.integer(Setting.MAX_IN_FLIGHT, 1, MAX_IN_FLIGHT),
            ListenerSettings.DEFAULT_FRAME_TIMEOUT,
            ListenerSettings.DEFAULT_UNREAD_TIMEOUT,
            ListenerSettings.DEFAULT_BUFFER_BYTES,
            in.interval(Setting.REPORT_INTERVAL),
            in.transport(Setting.TRANSPORT)),
        new PoolSettings(
            in.integer(Setting.POOL_SIZE, 1, PoolSettings.MAX_SIZE),
            in.time(Setting.TIMEOUT),
            in.time(Setting.LOAD_TIMEOUT),
            PoolSettings.DEFAULT_QUEUE_CAPACITY,
            in.flag(Setting.FRESH_STATE)),
        GuestLimits.DEFAULT.withMemoryBytes(
            in.size(
                Setting.MEMORY_LIMIT, GuestLimits.MIN_MEMORY_BYTES, GuestLimits.MAX_MEMORY_BYTES)),
        in.imports(Setting.ALLOW_IMPORTS),
        in.moduleCache(Setting.MODULE_CACHE),
        new OtlpSettings(in.url(Setting.OTLP_ENDPOINT), in.signals(Setting.OTLP_SIGNALS)));
  }

  /** Reads one setting after the other, and says of a wrong one where it came from. */
  private record Reader(Config config) {

    String text(Setting setting) {
      String text = value(setting).orElse("");
      if (text.isBlank() && setting.isRequired()) {
        throw new SettingException(
            "%s is missing: give %s, or set %s"
                .formatted(setting.help(), setting.flag(), setting.variable()));
      }
      if (text.isBlank()) {
        throw wrong(setting);
      }
      return text;
    }

    /** The module, under whichever of its names somebody gave it. */
    Path module() {
      if (isGiven(Setting.MODULE)) {
        return Path.of(text(Setting.MODULE));
      }
      List<String> scripts =
          Setting.SCRIPT_PROPERTIES.stream()
              .map(property -> config.getConfigValue(property).getValue())
              .filter(script -> script != null && !script.isBlank())
              .toList();
      if (scripts.size() > 1) {
        throw new SettingException(
            "JS_SCRIPT and LUA_SCRIPT are both set: an agent has one script");
      }
      return Path.of(scripts.isEmpty() ? text(Setting.MODULE) : scripts.getFirst());
    }

    /** A setting that may be left out. */
    Optional<String> optional(Setting setting) {
      return given(setting).isPresent() ? Optional.of(text(setting)) : Optional.empty();
    }

    boolean flag(Setting setting) {
      return Values.parseBoolean(text(setting)).orElseThrow(() -> wrong(setting));
    }

    String logFormat(Setting setting) {
      return Values.parseLogFormat(text(setting)).orElseThrow(() -> wrong(setting));
    }

    SocketTransport transport(Setting setting) {
      return Values.parseTransport(text(setting)).orElseThrow(() -> wrong(setting));
    }

    /** A URL that may be left out. */
    Optional<String> url(Setting setting) {
      return optional(setting).map(text -> Values.parseUrl(text).orElseThrow(() -> wrong(setting)));
    }

    OtlpSettings.Signals signals(Setting setting) {
      return Values.parseSignals(text(setting)).orElseThrow(() -> wrong(setting));
    }

    int integer(Setting setting, int min, int max) {
      return (int) Values.parseInteger(text(setting), min, max).orElseThrow(() -> wrong(setting));
    }

    int size(Setting setting, int min, int max) {
      return (int) Values.parseSize(text(setting), min, max).orElseThrow(() -> wrong(setting));
    }

    String mode(Setting setting) {
      return Values.parseMode(text(setting)).orElseThrow(() -> wrong(setting));
    }

    ImportPolicy imports(Setting setting) {
      return Values.parseImports(text(setting)).orElseThrow(() -> wrong(setting));
    }

    ModuleCacheChoice moduleCache(Setting setting) {
      return ModuleCacheChoice.parse(text(setting)).orElseThrow(() -> wrong(setting));
    }

    Duration time(Setting setting) {
      return Values.parseTime(text(setting), SHORTEST, LONGEST).orElseThrow(() -> wrong(setting));
    }

    Duration interval(Setting setting) {
      if (text(setting).strip().equals("0")) {
        return Duration.ZERO;
      }
      return Values.parseTime(text(setting), SHORTEST_INTERVAL, LONGEST)
          .orElseThrow(() -> wrong(setting));
    }

    boolean isGiven(Setting setting) {
      return given(setting).isPresent();
    }

    private Optional<String> given(Setting setting) {
      return Optional.ofNullable(config.getConfigValue(setting.property()).getValue());
    }

    private Optional<String> value(Setting setting) {
      return given(setting).or(setting::defaultText);
    }

    private SettingException wrong(Setting setting) {
      ConfigValue value = config.getConfigValue(setting.property());
      return new SettingException(
          "%s is \"%s\", and must be %s"
              .formatted(
                  name(setting, value), LogText.of(value(setting).orElse("")), setting.allowed()));
    }

    /** The setting's name as the operator wrote it. */
    private static String name(Setting setting, ConfigValue value) {
      String source = String.valueOf(value.getSourceName());
      if (source.equals(CommandLineSource.NAME)) {
        return setting.flag();
      }
      return source.contains("EnvConfigSource")
          ? setting.variable()
          : setting.property() + " (in " + FILE_SOURCE.matcher(source).replaceAll("$1") + ")";
    }
  }
}
