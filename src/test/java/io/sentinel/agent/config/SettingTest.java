package io.sentinel.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.pool.PoolSettings;
import io.sentinel.agent.server.ListenerSettings;
import io.sentinel.agent.server.SocketAccess;
import io.sentinel.agent.server.SocketTransport;
import io.sentinel.agent.wasm.GuestLimits;
import io.sentinel.agent.wasm.ImportPolicy;
import io.sentinel.agent.wasm.ModuleCache;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration is public API: names and defaults are pinned here. */
class SettingTest {

  @Test
  void namesAndDefaultsArePinned() {
    assertEquals(
        List.of(
            "wasm.module --module WASM_MODULE -",
            "agent.socket --socket AGENT_SOCKET /tmp/sentinel-wasm.sock",
            "agent.socket-mode --socket-mode AGENT_SOCKET_MODE 0600",
            "agent.socket-group --socket-group AGENT_SOCKET_GROUP -",
            "wasm.pool-size --pool-size WASM_POOL_SIZE 4",
            "wasm.timeout --timeout WASM_TIMEOUT 40ms",
            "wasm.memory-limit --memory-limit WASM_MEMORY_LIMIT 16MiB",
            "wasm.allow-imports --allow-imports WASM_ALLOW_IMPORTS wasi",
            "wasm.fresh-state --fresh-state WASM_FRESH_STATE false",
            "fail-open --fail-open FAIL_OPEN false",
            "wasm.verbose --verbose WASM_VERBOSE false",
            "wasm.admin-port --admin-port WASM_ADMIN_PORT 9464",
            "wasm.admin-host --admin-host WASM_ADMIN_HOST 127.0.0.1",
            "wasm.max-in-flight --max-in-flight WASM_MAX_IN_FLIGHT 256",
            "agent.report-interval --report-interval AGENT_REPORT_INTERVAL 10s",
            "wasm.load-timeout --load-timeout WASM_LOAD_TIMEOUT 30s",
            "wasm.watch-module --watch-module WASM_WATCH_MODULE true",
            "wasm.module-cache --module-cache WASM_MODULE_CACHE auto",
            "agent.log-format --log-format AGENT_LOG_FORMAT text",
            "agent.transport --transport AGENT_TRANSPORT auto",
            "otel.exporter.otlp.endpoint --otlp-endpoint OTEL_EXPORTER_OTLP_ENDPOINT -",
            "agent.otlp-signals --otlp-signals AGENT_OTLP_SIGNALS all"),
        Arrays.stream(Setting.values())
            .map(
                s ->
                    String.join(
                        " ", s.property(), s.flag(), s.variable(), s.defaultText().orElse("-")))
            .toList());
  }

  @Test
  void defaultsOfEveryRoomArePinned() {
    assertEquals(
        new AgentSettings(
            Path.of("m.wasm"),
            true,
            false,
            "127.0.0.1",
            9464,
            false,
            new ListenerSettings(
                Path.of("/tmp/sentinel-wasm.sock"),
                new SocketAccess("rw-------", Optional.empty()),
                Duration.ofSeconds(5),
                256,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                64L << 20,
                Duration.ofSeconds(10),
                SocketTransport.AUTO),
            new PoolSettings(4, Duration.ofMillis(40), Duration.ofSeconds(30), 1024, false),
            new GuestLimits(32 << 20, 16 << 20, 65_536, 1 << 20, 100, 256, 8192, 65_536, 64, 256),
            ImportPolicy.WASI,
            new ModuleCacheChoice.Auto(),
            new OtlpSettings(Optional.empty(), OtlpSettings.Signals.ALL)),
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm"))));
  }

  @ParameterizedTest
  @CsvSource({"all, true, true", "Traces, true, false", "metrics, false, true"})
  void collectorIsSentWhatIsAskedFor(String signals, boolean traces, boolean metrics) {
    OtlpSettings otlp =
        AgentSettings.from(
                config(
                    Map.of(
                        "wasm.module",
                        "m.wasm",
                        "otel.exporter.otlp.endpoint",
                        "http://localhost:4318//",
                        "agent.otlp-signals",
                        signals)))
            .otlp();
    assertEquals(Optional.of("http://localhost:4318"), otlp.endpoint());
    assertEquals(traces, otlp.sendsTraces());
    assertEquals(metrics, otlp.sendsMetrics());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:4318", "grpc://localhost:4317", "http://", "http://a b", "x"})
  void collectorsThatAreNoWebAddressesAreRefused(String endpoint) {
    Config config =
        config(Map.of("wasm.module", "m.wasm", "otel.exporter.otlp.endpoint", endpoint));
    assertThrows(SettingException.class, () -> AgentSettings.from(config));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "1, true", "YES, true", "false, false", "0, false", "No, false"})
  void booleansAreReadAsTheReferenceReadsThem(String text, boolean value) {
    assertEquals(
        value,
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "fail-open", text))).failOpen());
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "maybe", "2", "tru"})
  void otherBooleansAreRejected(String text) {
    assertRejected("fail-open", text);
  }

  @ParameterizedTest
  @CsvSource({"1ms, 1", "40ms, 40", "1s, 1000", "2 m, 120000", "1H, 3600000"})
  void timesAreRead(String text, long millis) {
    assertEquals(
        Duration.ofMillis(millis),
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "wasm.timeout", text)))
            .pool()
            .timeout());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0ms", "40", "-1s", "1.5s", "2h", "99999999999s", "PT1S", "ms"})
  void otherTimesAreRejected(String text) {
    assertRejected("wasm.timeout", text);
  }

  @ParameterizedTest
  @CsvSource({"64KiB, 65536", "16 mib, 16777216", "1GiB, 1073741824"})
  void sizesAreRead(String text, int bytes) {
    assertEquals(
        bytes,
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "wasm.memory-limit", text)))
            .limits()
            .memoryBytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"16", "16MB", "63KiB", "2GiB", "-1MiB", "1.5MiB", "999999999GiB"})
  void otherSizesAreRejected(String text) {
    assertRejected("wasm.memory-limit", text);
  }

  @ParameterizedTest
  @CsvSource({"none, NONE", "WASI, WASI"})
  void importsAreRead(String text, ImportPolicy policy) {
    assertEquals(
        policy,
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "wasm.allow-imports", text)))
            .imports());
  }

  @ParameterizedTest
  @ValueSource(strings = {"all", "", "wasi,env"})
  void otherImportsAreRejected(String text) {
    assertTrue(assertRejected("wasm.allow-imports", text).contains("must be none or wasi"));
  }

  @ParameterizedTest
  @CsvSource({
    "auto, CACHE_DIRECTORY=/c:/d XDG_CACHE_HOME=/x HOME=/, /c/modules",
    "AUTO, XDG_CACHE_HOME=/x HOME=/, /x/sentinel-wasm-agent",
    "auto, CACHE_DIRECTORY= XDG_CACHE_HOME=here HOME=/, /.cache/sentinel-wasm-agent",
    "auto, HOME=/no/home, ''",
    "auto, X=1, ''",
    "none, CACHE_DIRECTORY=/c, ''",
    "/var/kept, CACHE_DIRECTORY=/c, /var/kept",
    "./none, HOME=/, ./none"
  })
  void compiledModulesHaveTheirPlace(String setting, String variables, String directory) {
    Map<String, String> environment =
        Arrays.stream(variables.split(" "))
            .map(variable -> variable.split("=", 2))
            .collect(Collectors.toMap(variable -> variable[0], variable -> variable[1]));
    Optional<ModuleCache.Place> place =
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "wasm.module-cache", setting)))
            .moduleCache()
            .place(environment);
    assertEquals(directory, place.map(found -> found.directory().toString()).orElse(""));
    place.ifPresent(found -> assertEquals(setting.contains("/"), found.chosen()));
  }

  @Test
  void placesThatAreNoPathsAreRejected() {
    assertTrue(assertRejected("wasm.module-cache", "a\0b").contains("must be a directory"));
    assertRejected("wasm.module-cache", "");
  }

  @ParameterizedTest
  @CsvSource({"0600, rw-------", "660, rw-rw----", "0750, rwxr-x---", "0000, ---------"})
  void socketModesAreRead(String text, String rights) {
    assertEquals(
        rights,
        AgentSettings.from(config(Map.of("wasm.module", "m.wasm", "agent.socket-mode", text)))
            .listener()
            .access()
            .rights());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0680", "60", "06000", "rw-------", "1777"})
  void otherSocketModesAreRejected(String text) {
    assertRejected("agent.socket-mode", text);
  }

  @ParameterizedTest
  @CsvSource({"js.script, policy.js", "lua.script, policy.lua"})
  void scriptsMayBeNamedAsTheirAgentsNameThem(String property, String file) {
    assertEquals(Path.of(file), AgentSettings.from(config(Map.of(property, file))).module());
    assertEquals(
        Path.of("m.wasm"),
        AgentSettings.from(config(Map.of(property, file, "wasm.module", "m.wasm"))).module());
    assertEquals(List.of("--module", "--script"), Setting.MODULE.flags());
  }

  @Test
  void twoScriptsAreRejected() {
    Config both = config(Map.of("js.script", "policy.js", "lua.script", "policy.lua"));
    String message =
        String.valueOf(
            assertThrows(SettingException.class, () -> AgentSettings.from(both)).getMessage());
    assertTrue(message.contains("JS_SCRIPT and LUA_SCRIPT"), message);
  }

  @Test
  void socketGroupMayBeLeftOutButNotBeEmpty() {
    assertTrue(assertRejected("agent.socket-group", "").contains("must be the name of a group"));
  }

  @Test
  void emptyTextIsRejectedLikeAnyOther() {
    assertTrue(assertRejected("fail-open", "").contains("is \"\", and must be"));
    assertTrue(assertRejected("agent.socket", " ").contains("must be"));
  }

  @Test
  void verboseIsCheckedToo() {
    assertTrue(assertRejected("wasm.verbose", "maybe").contains("must be true, false"));
  }

  @Test
  void logFormatIsCheckedToo() {
    assertTrue(assertRejected("agent.log-format", "xml").contains("must be text or json"));
  }

  @ParameterizedTest
  @CsvSource({
    "--pool-size, 0, an integer from 1 to 256",
    "--pool-size, 257, an integer from 1 to 256",
    "--pool-size, four, an integer from 1 to 256",
    "--timeout, 40, a time from 1ms",
    "--timeout, 0ms, a time from 1ms",
    "--timeout, -1s, a time from 1ms",
    "--load-timeout, 2h, a time from 1ms",
    "--admin-port, 65536, a port from 0 to 65535",
    "--admin-port, http, a port from 0 to 65535"
  })
  void rejectionNamesTheFlagItsValueAndWhatIsAllowed(String flag, String value, String allowed) {
    CommandLineSource.set(Map.of("wasm.module", "m.wasm", setting(flag).property(), value));
    try {
      assertRejection(
          flag + " is \"" + value + "\", and must be " + allowed,
          new SmallRyeConfigBuilder().withSources(new CommandLineSource()).build());
    } finally {
      CommandLineSource.set(Map.of());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "WASM_POOL_SIZE, 0",
    "WASM_TIMEOUT, soon",
    "FAIL_OPEN, maybe",
    "WASM_ADMIN_PORT, 99999",
    "WASM_LOAD_TIMEOUT, 1"
  })
  void rejectionNamesTheVariable(String variable, String value) {
    Map<String, String> environment = Map.of("WASM_MODULE", "m.wasm", variable, value);
    assertRejection(
        variable + " is \"" + value + "\", and must be ",
        new SmallRyeConfigBuilder().withSources(new EnvConfigSource(environment, 300)).build());
  }

  private static Setting setting(String flag) {
    return Arrays.stream(Setting.values()).filter(s -> s.flag().equals(flag)).findFirst().get();
  }

  private static void assertRejection(String beginning, Config config) {
    String message =
        String.valueOf(
            assertThrows(SettingException.class, () -> AgentSettings.from(config)).getMessage());
    assertTrue(message.startsWith(beginning), message);
  }

  @Test
  void rejectionNamesPropertyAndSourceWhereItIsNeitherFlagNorVariable() {
    assertTrue(assertRejected("wasm.pool-size", "0").contains("wasm.pool-size (in the test)"));
  }

  @Test
  void valueIsEscapedInTheRejection() {
    assertTrue(assertRejected("wasm.pool-size", "4\nforged").contains("4\\u000aforged"));
  }

  private static String assertRejected(String property, String text) {
    Config config = config(Map.of("wasm.module", "m.wasm", property, text));
    return String.valueOf(
        assertThrows(SettingException.class, () -> AgentSettings.from(config)).getMessage());
  }

  private static Config config(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(values, "the test", 100))
        .build();
  }
}
