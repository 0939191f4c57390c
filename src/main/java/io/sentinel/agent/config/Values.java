package io.sentinel.agent.config;

import io.sentinel.agent.server.SocketTransport;
import io.sentinel.agent.wasm.ImportPolicy;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the texts of settings. Stricter than MicroProfile Config's own converters, which take any
 * word for false and a bare number for seconds.
 */
public final class Values {

  private static final Pattern TIME = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(kib|mib|gib)");
  private static final Pattern MODE = Pattern.compile("0?([0-7]{3})");

  private static final Pattern TRAILING_SLASHES = Pattern.compile("/+$");

  private Values() {}

  static Optional<Boolean> parseBoolean(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes" -> Optional.of(true);
      case "false", "0", "no" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** {@code text} or {@code json}. */
  static Optional<String> parseLogFormat(String text) {
    String format = text.strip().toLowerCase(Locale.ROOT);
    return format.equals("text") || format.equals("json") ? Optional.of(format) : Optional.empty();
  }

  static Optional<SocketTransport> parseTransport(String text) {
    return byLabel(text, SocketTransport.values(), SocketTransport::label);
  }

  static Optional<ImportPolicy> parseImports(String text) {
    return byLabel(text, ImportPolicy.values(), ImportPolicy::label);
  }

  static Optional<OtlpSettings.Signals> parseSignals(String text) {
    return byLabel(text, OtlpSettings.Signals.values(), OtlpSettings.Signals::label);
  }

  private static <T> Optional<T> byLabel(String text, T[] all, Function<T, String> label) {
    String wanted = text.strip();
    return Arrays.stream(all).filter(one -> label.apply(one).equalsIgnoreCase(wanted)).findFirst();
  }

  /** Without a slash at its end. */
  static Optional<String> parseUrl(String text) {
    try {
      URI url = new URI(text.strip());
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      return web && url.getHost() != null
          ? Optional.of(TRAILING_SLASHES.matcher(url.toString()).replaceAll(""))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  static OptionalLong parseInteger(@Nullable String text, long min, long max) {
    if (text == null) {
      return OptionalLong.empty();
    }
    try {
      long value = Long.parseLong(text.strip());
      return value >= min && value <= max ? OptionalLong.of(value) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  public static Optional<Duration> parseTime(@Nullable String text, Duration min, Duration max) {
    Matcher matcher = TIME.matcher(text == null ? "" : text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    Duration time =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    return time.compareTo(min) >= 0 && time.compareTo(max) <= 0
        ? Optional.of(time)
        : Optional.empty();
  }

  /** In bytes. */
  public static OptionalLong parseSize(String text, long min, long max) {
    Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    int shift =
        switch (matcher.group(2)) {
          case "kib" -> 10;
          case "mib" -> 20;
          default -> 30;
        };
    long size = Long.parseLong(matcher.group(1)) << shift;
    return size >= min && size <= max ? OptionalLong.of(size) : OptionalLong.empty();
  }

  /** An octal mode, as in 0640, as the JDK writes it: {@code rw-r-----}. */
  static Optional<String> parseMode(String text) {
    Matcher matcher = MODE.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int mode = Integer.parseInt(matcher.group(1), 8);
    StringBuilder rights = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      rights.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
    }
    return Optional.of(rights.toString());
  }
}
