package io.sentinel.agent.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every setting under its three names (the property's, the flag's and the environment variable's),
 * with its default. The property's name is such that MicroProfile Config finds the variable by
 * itself.
 */
public enum Setting {
  MODULE(
      "wasm.module",
      "--module",
      null,
      Type.PATH,
      "the path of a WebAssembly module, or of a script in JavaScript (.js) or Lua (.lua)"),
  SOCKET(
      "agent.socket",
      "--socket",
      "/tmp/sentinel-wasm.sock",
      Type.TEXT,
      "the path of the Unix socket to listen on"),
  SOCKET_MODE(
      "agent.socket-mode", "--socket-mode", "0600", Type.MODE, "the access rights of the socket"),
  SOCKET_GROUP(
      "agent.socket-group",
      "--socket-group",
      null,
      Type.GROUP,
      "the group that the socket belongs to"),
  POOL_SIZE(
      "wasm.pool-size", "--pool-size", "4", Type.POOL_SIZE, "how many instances of the module"),
  TIMEOUT(
      "wasm.timeout",
      "--timeout",
      "40ms",
      Type.TIME,
      "how long an event may take from its arrival to its answer"),
  MEMORY_LIMIT(
      "wasm.memory-limit",
      "--memory-limit",
      "16MiB",
      Type.SIZE,
      "how much memory one instance may have, all its memories together"),
  ALLOW_IMPORTS(
      "wasm.allow-imports",
      "--allow-imports",
      "wasi",
      Type.IMPORTS,
      "what the module may import: nothing, or a harmless part of WASI"),
  FRESH_STATE(
      "wasm.fresh-state",
      "--fresh-state",
      "false",
      Type.BOOLEAN,
      "give every event an instance as it was after its start"),
  FAIL_OPEN("fail-open", "--fail-open", "false", Type.BOOLEAN, "allow on module errors, not block"),
  VERBOSE("wasm.verbose", "--verbose", "false", Type.BOOLEAN, "log what is done with each event"),
  ADMIN_PORT(
      "wasm.admin-port",
      "--admin-port",
      "9464",
      Type.PORT,
      "the HTTP port of health and metrics, 0 for none"),
  ADMIN_HOST(
      "wasm.admin-host", "--admin-host", "127.0.0.1", Type.TEXT, "the address of the admin port"),
  MAX_IN_FLIGHT(
      "wasm.max-in-flight",
      "--max-in-flight",
      "256",
      Type.IN_FLIGHT,
      "how many events one connection of version 2 may have under way"),
  REPORT_INTERVAL(
      "agent.report-interval",
      "--report-interval",
      "10s",
      Type.INTERVAL,
      "how often version 2 is sent health and metrics, 0 for never"),
  LOAD_TIMEOUT(
      "wasm.load-timeout",
      "--load-timeout",
      "30s",
      Type.TIME,
      "how long reading, compiling and starting the module may take"),
  WATCH_MODULE(
      "wasm.watch-module",
      "--watch-module",
      "true",
      Type.SWITCH,
      "serve a new module when the file changes; SIGHUP does so in any case"),
  MODULE_CACHE(
      "wasm.module-cache",
      "--module-cache",
      "auto",
      Type.CACHE,
      "the directory where compiled modules are kept: auto for one of the user's own, or none"),
  LOG_FORMAT("agent.log-format", "--log-format", "text", Type.LOG_FORMAT, "text or json"),
  TRANSPORT(
      "agent.transport",
      "--transport",
      "auto",
      Type.TRANSPORT,
      "by what the socket is read: Netty's epoll, the JDK's channels (nio), or the first to be had"),
  OTLP_ENDPOINT(
      "otel.exporter.otlp.endpoint",
      "--otlp-endpoint",
      null,
      Type.URL,
      "where OpenTelemetry's collector listens, over HTTP; without it nothing is sent"),
  OTLP_SIGNALS(
      "agent.otlp-signals",
      "--otlp-signals",
      "all",
      Type.SIGNALS,
      "what the collector is sent: traces, metrics or all");

  /** The kinds of settings, and what each may be in words. */
  public enum Type {
    PATH("PATH", "a path"),
    TEXT("TEXT", "a text"),
    POOL_SIZE("N", "an integer from 1 to 256"),
    MODE("MODE", "three octal digits, as in 0600 or 0660"),
    GROUP("GROUP", "the name of a group"),
    SIZE("SIZE", "a size from 64KiB to 1GiB, as in 16MiB"),
    IMPORTS("WHAT", "none or wasi"),
    TIME("TIME", "a time from 1ms to 1h, as in 40ms or 1s"),
    IN_FLIGHT("N", "an integer from 1 to 65535"),
    CACHE("DIR", "a directory, auto or none"),
    INTERVAL("TIME", "0, or a time from 100ms to 1h, as in 500ms or 10s"),
    PORT("PORT", "a port from 0 to 65535"),
    LOG_FORMAT("FORMAT", "text or json"),
    TRANSPORT("WHICH", "auto, epoll or nio"),
    URL("URL", "an http or https URL, as in http://localhost:4318"),
    SIGNALS("WHICH", "all, traces or metrics"),
    /** A boolean whose flag may stand alone or have a value, for its default is true. */
    SWITCH("BOOL", "true, false, 1, 0, yes or no"),
    BOOLEAN("", "true, false, 1, 0, yes or no");

    private final String label;
    private final String allowed;

    Type(String label, String allowed) {
      this.label = label;
      this.allowed = allowed;
    }

    /** What stands for the value in the usage text. */
    public String label() {
      return label;
    }
  }

  private final String property;
  private final String flag;
  private final Optional<String> defaultText;
  private final Type type;
  private final String help;

  Setting(
      String property,
      String flag,
      @org.jspecify.annotations.Nullable String defaultText,
      Type type,
      String help) {
    this.property = property;
    this.flag = flag;
    this.defaultText = Optional.ofNullable(defaultText);
    this.type = type;
    this.help = help;
  }

  public String property() {
    return property;
  }

  public String flag() {
    return flag;
  }

  /** The environment variable, by MicroProfile Config's rule. */
  public String variable() {
    return property.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** What holds where nobody says anything; empty if somebody must, or if there is nothing then. */
  public Optional<String> defaultText() {
    return defaultText;
  }

  /** What the agents for scripts call the module: the flag. */
  public static final String SCRIPT_FLAG = "--script";

  /** And the properties, whose variables are JS_SCRIPT and LUA_SCRIPT. */
  static final List<String> SCRIPT_PROPERTIES = List.of("js.script", "lua.script");

  /** Every flag of the setting. */
  public List<String> flags() {
    return switch (this) {
      case MODULE -> List.of(flag, SCRIPT_FLAG);
      case VERBOSE -> List.of("-v", flag);
      default -> List.of(flag);
    };
  }

  /** Whether somebody must say something. */
  public boolean isRequired() {
    return this == MODULE;
  }

  /** What the setting may be, in words. */
  public String allowed() {
    return type.allowed;
  }

  public Type type() {
    return type;
  }

  /** What the setting is for, in words. */
  public String help() {
    return help;
  }
}
