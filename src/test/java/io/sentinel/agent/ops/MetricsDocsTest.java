package io.sentinel.agent.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sentinel.agent.message.MetricsReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents, dashboard and alerts speak of the metrics that there are. */
@SuppressWarnings({"deprecation", "removal"}) // the registry that Quarkus has
class MetricsDocsTest {

  private static final Pattern NAME = Pattern.compile("\\bsentinel_[a-z_]+\\b");
  private static final Pattern HISTOGRAM_PART = Pattern.compile("_(bucket|count|sum)$");

  private static final PrometheusMeterRegistry REGISTRY =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private static Scrape scrape;

  @BeforeAll
  static void register() {
    new AgentMetrics(REGISTRY, new AgentState())
        .register(new MeteredAgent("policy.wasm", "1.2.3", Duration.ofMillis(40), 1_024, 16 << 20));
    scrape = new Scrape(REGISTRY.scrape());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/metrics.md",
        "docs/grafana.json",
        "docs/alerts.yaml",
        "docs/alerts.test.yaml",
        "README.md"
      })
  void onlyMetricsThatThereAreAreNamed(String file) throws IOException {
    Set<String> named = named(Path.of(file));
    assertTrue(!named.isEmpty(), file + " names no metric");
    named.removeAll(scrape.names());
    named.removeAll(histograms());
    assertEquals(Set.of(), named);
  }

  @Test
  void everyMetricIsDocumented() throws IOException {
    Set<String> there =
        scrape.names().stream()
            .map(name -> HISTOGRAM_PART.matcher(name).replaceFirst(""))
            .collect(Collectors.toCollection(TreeSet::new));
    there.removeAll(named(Path.of("docs/metrics.md")));
    assertEquals(Set.of(), there);
  }

  @Test
  void labelsAreThoseDocumented() throws IOException {
    int rows = 0;
    for (String line : Files.readAllLines(Path.of("docs/metrics.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length > 3 && cells[1].contains("`sentinel_")) {
        for (String name : quoted(cells[1])) {
          assertEquals(quoted(cells[2]), scrape.labels(name), name);
          rows++;
        }
      }
    }
    assertTrue(rows > 30, rows + " metrics");
  }

  private static Set<String> quoted(String cell) {
    return Pattern.compile("`([^`]+)`")
        .matcher(cell)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void dashboardIsJsonAndShowsEveryCounter() throws IOException {
    Path file = Path.of("docs/grafana.json");
    assertTrue(new ObjectMapper().readTree(file.toFile()).path("panels").size() > 10);
    Set<String> counters =
        scrape.names().stream()
            .filter(name -> name.endsWith("_total"))
            .collect(Collectors.toCollection(TreeSet::new));
    counters.removeAll(named(file));
    assertEquals(Set.of(), counters);
  }

  @Test
  void buildTellsItsVersion() {
    assertEquals(
        1,
        scrape.value("sentinel_build_info{java=\"" + Runtime.version() + "\",version=\"1.2.3\"}"));
  }

  /**
   * The number of series is bounded by what is in the code, and not by what comes over the wire.
   */
  @Test
  void seriesAreFew() {
    assertTrue(scrape.size() < 200, scrape.size() + " series");
  }

  @Test
  void peersAreToldTheSameNamesAsPrometheus() {
    MetricsReport report = new MetricsReporter(REGISTRY).report();
    Set<String> told =
        Stream.of(
                report.counters().stream().map(MetricsReport.Sample::name),
                report.gauges().stream().map(MetricsReport.Sample::name),
                report.histograms().stream().map(MetricsReport.Histogram::name))
            .flatMap(names -> names)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> scraped =
        scrape.names().stream()
            .filter(name -> !name.endsWith("_max"))
            .map(name -> HISTOGRAM_PART.matcher(name).replaceFirst(""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(scraped, told);
  }

  private static Set<String> histograms() {
    return scrape.names().stream()
        .map(name -> HISTOGRAM_PART.matcher(name).replaceFirst(""))
        .collect(Collectors.toSet());
  }

  private static Set<String> named(Path file) throws IOException {
    Matcher matcher = NAME.matcher(Files.readString(file));
    Set<String> names = new TreeSet<>();
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }
}
