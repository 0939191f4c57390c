package io.sentinel.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unit, images and manifests name settings that there are, and repeat other files truly. */
class DeployFilesTest {

  private static final Path SIDECAR = Path.of("deploy/kubernetes/sidecar.yaml");
  private static final Path PROXY = Path.of("docker/sentinel.kdl");
  private static final Pattern VARIABLE = Pattern.compile("\\b(?:AGENT|WASM|FAIL)_[A-Z_]+\\b");
  private static final Pattern MODULE = Pattern.compile("policy\\.wasm: (\\S+)");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deploy/systemd/sentinel-wasm-agent.service",
        "deploy/systemd/README.md",
        "deploy/kubernetes/sidecar.yaml",
        "docker/Dockerfile.jvm",
        "docker/Dockerfile.native-micro",
        "docker/README.md",
        "docker/compose.yaml"
      })
  void variablesAreSettings(String file) throws IOException {
    Set<String> settings =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    Set<String> named =
        VARIABLE
            .matcher(Files.readString(Path.of(file)))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toSet());
    assertFalse(named.isEmpty(), "no setting at all");
    named.removeAll(settings);
    assertEquals(Set.of(), named);
  }

  @Test
  void configMapHasTheSmallestModule() throws IOException {
    MatchResult module =
        MODULE.matcher(Files.readString(SIDECAR)).results().findFirst().orElseThrow();
    assertEquals(
        Base64.getEncoder()
            .encodeToString(Files.readAllBytes(Path.of("examples/minimal-wat/minimal.wasm"))),
        module.group(1));
  }

  @Test
  void configMapHasTheProxysConfiguration() throws IOException {
    String indented =
        Files.readAllLines(PROXY).stream()
            .map(line -> line.isEmpty() ? line : "    " + line)
            .collect(Collectors.joining("\n"));
    assertTrue(Files.readString(SIDECAR).contains(indented), "not that of " + PROXY);
  }

  /** The example's configuration is tried with the real proxy. */
  @Test
  void containersProxyDiffersInItsAddressesAlone() throws IOException {
    String example = Files.readString(Path.of("examples/proxy/sentinel.kdl"));
    assertEquals(
        settings(example)
            .replace("127.0.0.1:18080", "0.0.0.0:18080")
            .replace("/tmp/sentinel-wasm.sock", "/run/sentinel/agent.sock"),
        settings(Files.readString(PROXY)));
  }

  private static String settings(String kdl) {
    return kdl.lines().filter(line -> !line.startsWith("//")).collect(Collectors.joining("\n"));
  }
}
