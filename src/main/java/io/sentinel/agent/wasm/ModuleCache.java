package io.sentinel.agent.wasm;

import com.dylibso.chicory.wasm.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what modules were compiled to from one start to the next, where it can; nothing that is
 * wrong with it keeps a module from being served. See "Why is compiled code cached, and where?" in
 * RATIONALE.md.
 */
public final class ModuleCache {

  private static final Logger LOG = Logger.getLogger(ModuleCache.class);

  /**
   * Stands for the form of the entries, and for how the engine is asked to compile: whoever changes
   * {@link Compilation} or {@link CacheEntry} counts it up. What is done to a module's bytes before
   * that needs no number, for the key is made of the bytes that are compiled.
   */
  private static final int FORMAT = 1;

  /** Keeps nothing. */
  public static final ModuleCache NONE = new ModuleCache(null, false, List.of());

  /**
   * Where compiled modules are kept.
   *
   * @param chosen whether somebody asked for that very place, and is told where it cannot be used
   */
  public record Place(Path directory, boolean chosen) {}

  private final @Nullable CacheDirectory directory;
  private final boolean chosen;
  private final List<String> versions;

  /** Nothing is kept any more: what was in the way once is not met with again. */
  private volatile boolean off;

  /**
   * @param versions of all that an entry's code depends on, beside the module
   */
  ModuleCache(@Nullable CacheDirectory directory, boolean chosen, List<String> versions) {
    this.directory = directory;
    this.chosen = chosen;
    this.versions = versions;
  }

  /** A cache for this version of the agent. */
  public static ModuleCache at(Place place, String agentVersion) {
    return new ModuleCache(
        new CacheDirectory(place.directory(), CacheDirectory.MOST_BYTES),
        place.chosen(),
        List.of(
            Integer.toString(FORMAT),
            agentVersion,
            Version.version(),
            Runtime.version().toString()));
  }

  /**
   * What was kept of a module.
   *
   * @param module the bytes that would be compiled
   */
  Optional<Compilation> find(byte[] module) {
    if (directory == null || off) {
      return Optional.empty();
    }
    try {
      return find(directory, key(module));
    } catch (IOException | RuntimeException e) {
      turnOff(e);
      return Optional.empty();
    }
  }

  private static Optional<Compilation> find(CacheDirectory directory, byte[] key)
      throws IOException {
    String name = name(key);
    Optional<byte[]> entry = directory.read(name);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    try {
      Compilation kept = Compilation.from(CacheEntry.payload(key, entry.get()));
      LOG.debugf("The module is not compiled: its code is kept in %s", directory);
      return Optional.of(kept);
    } catch (Throwable e) { // what the JVM does not take for classes ends in errors
      LOG.debugf("%s in %s is of no use, and made anew: %s", name, directory, e);
      directory.remove(name);
      return Optional.empty();
    }
  }

  /** Keeps what a module was compiled to. */
  void keep(byte[] module, Compilation compilation) {
    if (directory == null || off) {
      return;
    }
    boolean interrupted = Thread.interrupted(); // by who waits no more: files would be closed by it
    try {
      byte[] key = key(module);
      directory.write(name(key), CacheEntry.of(key, compilation.toBytes()));
      LOG.debugf("The module's code is kept in %s", directory);
    } catch (IOException | RuntimeException e) {
      turnOff(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void turnOff(Exception e) {
    off = true;
    boolean unsafe = e instanceof UnsafeDirectoryException;
    LOG.logf(
        unsafe || chosen ? Logger.Level.WARN : Logger.Level.DEBUG,
        "Compiled code is not kept in %s: %s",
        directory,
        unsafe ? e.getMessage() : e);
  }

  private byte[] key(byte[] module) {
    MessageDigest digest = CacheEntry.sha256();
    digest.update(String.join("\n", versions).getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return digest.digest(module);
  }

  private static String name(byte[] key) {
    return HexFormat.of().formatHex(key) + CacheDirectory.ENTRY;
  }
}
