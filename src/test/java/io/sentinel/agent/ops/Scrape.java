package io.sentinel.agent.ops;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The agent's own part of what Prometheus is given. */
final class Scrape {

  private static final Pattern LINE =
      Pattern.compile("(sentinel_[a-z_]+)(\\{[^}]*})? ([-+0-9.eEINFa]+)(?: #.*)?");

  private static final Pattern LABEL = Pattern.compile("[{,]([a-z_]+)=");

  private final Map<String, Double> series = new TreeMap<>();
  private final Set<String> names = new TreeSet<>();

  Scrape(String text) {
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        String labels = matcher.group(2) == null ? "" : matcher.group(2).replace(",}", "}");
        series.put(matcher.group(1) + labels, Double.valueOf(matcher.group(3)));
        names.add(matcher.group(1));
      }
    }
  }

  /**
   * The value of a series, its labels in the order of the alphabet.
   *
   * @throws AssertionError if there is no such series
   */
  double value(String name) {
    Double value = series.get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + series.keySet());
    }
    return value;
  }

  /** The names of all series: a histogram has three. */
  Set<String> names() {
    return names;
  }

  /** The labels of a metric: of all its series, without the one that makes a histogram. */
  Set<String> labels(String metric) {
    Set<String> labels = new TreeSet<>();
    for (String one : series.keySet()) {
      int brace = one.indexOf('{');
      String name = brace < 0 ? one : one.substring(0, brace);
      if (name.equals(metric) || name.equals(metric + "_count")) {
        LABEL.matcher(one).results().forEach(found -> labels.add(found.group(1)));
      }
    }
    return labels;
  }

  int size() {
    return series.size();
  }
}
