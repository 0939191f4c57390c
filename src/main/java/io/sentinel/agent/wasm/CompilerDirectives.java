package io.sentinel.agent.wasm;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jboss.logging.Logger;

/**
 * Tells the JVM to leave QuickJS's functions to its second compiler. The first one spends seconds
 * on its interpreter loop before it gives up on it, and what waits behind that is not compiled
 * meanwhile. See "Why a warm-up?" in RATIONALE.md.
 *
 * <p>A flag of the JVM's would do the same, and write a line to the standard output.
 */
final class CompilerDirectives {

  private static final Logger LOG = Logger.getLogger(CompilerDirectives.class);

  private static final String RESOURCE = "engine/directives.json";

  private CompilerDirectives() {}

  /** Does it. Without it scripts are as right, and slower at first. */
  static void apply() {
    try (InputStream directives = CompilerDirectives.class.getResourceAsStream(RESOURCE)) {
      if (directives == null) {
        throw new IllegalStateException("the agent was built without " + RESOURCE);
      }
      Path file = Files.createTempFile("engines", ".json");
      try {
        Files.copy(directives, file, StandardCopyOption.REPLACE_EXISTING);
        Object answer =
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "compilerDirectivesAdd",
                    new Object[] {new String[] {file.toString()}},
                    new String[] {String[].class.getName()});
        LOG.debugf("%s", String.valueOf(answer).strip());
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | JMException | RuntimeException e) {
      LOG.debugf("The JVM takes no directives for its compilers: %s", e);
    }
  }
}
