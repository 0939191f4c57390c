package io.sentinel.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The agent's version, as the build wrote it down. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"sentinel-wasm-agent " + number()};
  }

  static String number() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("the build left no version", e);
    }
    return properties.getProperty("version");
  }
}
