package io.sentinel.agent.config;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/** The flags, as the config source that wins over all others. */
public final class CommandLineSource implements ConfigSource {

  /** Over the environment (300) and system properties (400). */
  private static final int ORDINAL = 500;

  static final String NAME = "the command line";

  private static volatile Map<String, String> values = Map.of();

  /**
   * Sets the flags of this process: once, before the configuration is read.
   *
   * @param flags values by the setting's property
   */
  public static void set(Map<String, String> flags) {
    values = Map.copyOf(flags);
  }

  @Override
  public Set<String> getPropertyNames() {
    return values.keySet();
  }

  @Override
  public @Nullable String getValue(String property) {
    return values.get(property);
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public int getOrdinal() {
    return ORDINAL;
  }
}
