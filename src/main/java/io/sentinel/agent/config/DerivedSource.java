package io.sentinel.agent.config;

import io.quarkus.runtime.LaunchMode;
import io.sentinel.agent.server.SocketTransport;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Quarkus's own settings, as far as they follow from the agent's: its HTTP server is the admin
 * port, {@code --verbose} is a log level, {@code --log-format} says how lines look, {@code
 * --transport} chooses among Vert.x's, and {@code --otlp-endpoint} is where its tracing sends to.
 */
public final class DerivedSource implements ConfigSourceFactory {

  /** Under everything an operator may say, over the defaults in the jar. */
  private static final int ORDINAL = 255;

  /** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which Quarkus knows by another name. */
  private static final List<String> OPEN_TELEMETRYS_OWN =
      List.of("otel.service.name", "otel.resource.attributes");

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    Map<String, String> derived = new HashMap<>();
    adminPort(context, derived);
    if (Values.parseBoolean(text(context, Setting.VERBOSE)).orElse(false)) {
      derived.put("quarkus.log.category.\"io.sentinel\".level", "DEBUG");
    }
    boolean nio =
        Values.parseTransport(text(context, Setting.TRANSPORT)).orElse(SocketTransport.AUTO)
            == SocketTransport.NIO;
    derived.put("quarkus.vertx.prefer-native-transport", Boolean.toString(!nio));
    otlp(context, derived);
    boolean json =
        Values.parseLogFormat(text(context, Setting.LOG_FORMAT)).orElse("text").equals("json");
    derived.put("quarkus.log.console.json.enabled", Boolean.toString(json));
    return List.of(
        new PropertiesConfigSource(derived, "derived from the agent's settings", ORDINAL));
  }

  @Override
  public OptionalInt getPriority() {
    return OptionalInt.of(ORDINAL);
  }

  /**
   * The packaged agent opens the admin port itself, for it may have to do without one; development
   * and tests use Quarkus's own server, which reloads.
   */
  private static void adminPort(ConfigSourceContext context, Map<String, String> derived) {
    boolean ours = LaunchMode.current() == LaunchMode.NORMAL;
    int port = (int) Values.parseInteger(text(context, Setting.ADMIN_PORT), 0, 65_535).orElse(0);
    derived.put("quarkus.http.host-enabled", Boolean.toString(!ours && port != 0));
    derived.put("quarkus.http.host", text(context, Setting.ADMIN_HOST));
    derived.put("quarkus.http.port", Integer.toString(port));
  }

  /** What is traced are events; the event bus and the exporter's own HTTP client are not. */
  private static void otlp(ConfigSourceContext context, Map<String, String> derived) {
    OtlpSettings settings =
        new OtlpSettings(
            Values.parseUrl(text(context, Setting.OTLP_ENDPOINT)),
            Values.parseSignals(text(context, Setting.OTLP_SIGNALS))
                .orElse(OtlpSettings.Signals.ALL));
    derived.put("quarkus.otel.sdk.disabled", Boolean.toString(!settings.sendsTraces()));
    settings
        .endpoint()
        .ifPresent(endpoint -> derived.put("quarkus.otel.exporter.otlp.endpoint", endpoint));
    derived.put("quarkus.otel.exporter.otlp.protocol", "http/protobuf");
    for (String name : OPEN_TELEMETRYS_OWN) {
      Optional.ofNullable(context.getValue(name).getValue())
          .ifPresent(value -> derived.put("quarkus." + name, value));
    }
    derived.put("quarkus.otel.instrument.vertx-http", "false");
    derived.put("quarkus.otel.instrument.vertx-event-bus", "false");
  }

  private static String text(ConfigSourceContext context, Setting setting) {
    return Optional.ofNullable(context.getValue(setting.property()))
        .map(ConfigValue::getValue)
        .or(setting::defaultText)
        .orElse("");
  }
}
