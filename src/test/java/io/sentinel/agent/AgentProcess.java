package io.sentinel.agent;

import static io.sentinel.agent.Events.eventually;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The agent as its users start it: the launcher, in a process of its own. */
public final class AgentProcess implements AutoCloseable {

  private static final Path LAUNCHER = Path.of("bin/sentinel-wasm-agent").toAbsolutePath();

  private final Process process;
  private final Path output;

  /** What a process printed, and how it ended. */
  public record Ended(int exitCode, String output) {}

  /** What a process wrote into two pipes, and how it ended. */
  public record Said(int exitCode, String output, String errors) {}

  private AgentProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  public static AgentProcess start(Path directory, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(args));
    Path output = Files.createTempFile(directory, "agent", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("WASM_MODULE_CACHE", "none"); // not in the home of who tests
    builder.environment().putAll(environment);
    return new AgentProcess(builder.start(), output);
  }

  /** Starts an agent of which only so much is read as says that it serves, and nothing after. */
  public static AgentProcess unread(Path directory, Path socket, String... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(LAUNCHER.toString(), "--socket", socket.toString(), "--admin-port", "0"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("WASM_MODULE_CACHE", "none");
    Process process = builder.start();
    StringBuilder read = new StringBuilder();
    while (read.indexOf("Serving") < 0) {
      int next = process.getInputStream().read();
      if (next < 0) {
        throw new AssertionError("the agent ended: " + read);
      }
      read.append((char) next);
    }
    return new AgentProcess(process, Files.writeString(directory.resolve("read"), read));
  }

  /** Starts an agent, without an admin port if none is asked for, and waits until it serves. */
  public static AgentProcess serving(Path directory, Path socket, String... args)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
    all.addAll(List.of(args));
    if (!all.contains("--admin-port")) {
      all.addAll(List.of("--admin-port", "0"));
    }
    AgentProcess agent = start(directory, Map.of(), all.toArray(String[]::new));
    agent.awaitOutput("Serving");
    return agent;
  }

  /** Runs a command to its end. */
  public static Ended run(Path directory, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    try (AgentProcess agent = start(directory, environment, args)) {
      return agent.awaitEnd();
    }
  }

  /** Runs a command to its end, with its output and its errors read from pipes. */
  public static Said runThroughPipes(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      CompletableFuture<String> output = Events.inBackground(() -> read(process.getInputStream()));
      CompletableFuture<String> errors = Events.inBackground(() -> read(process.getErrorStream()));
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("the agent goes on");
      }
      return new Said(process.exitValue(), output.join(), errors.join());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(InputStream pipe) {
    try (pipe) {
      return new String(pipe.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void awaitOutput(String text) {
    eventually(
        () -> {
          if (output().contains(text)) {
            return true;
          }
          if (!process.isAlive()) {
            throw new AssertionError("the agent ended: " + output());
          }
          return false;
        });
  }

  /** Waits until the agent serves, or has ended; true if it serves. */
  public boolean servesOrEnds() {
    eventually(() -> output().contains("Serving") || !process.isAlive());
    return process.isAlive();
  }

  public Ended awaitEnd() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the agent goes on: " + output());
    }
    return new Ended(process.exitValue(), output());
  }

  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void terminate() {
    process.destroy();
  }

  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
  }

  /**
   * Stops the process for a time, and waits until it stands still: its threads go on for some
   * milliseconds after the signal, and would answer what is written meanwhile.
   */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
    eventually(this::standsStill);
  }

  private boolean standsStill() {
    Path threads = Path.of("/proc", Long.toString(pid()), "task");
    if (!Files.exists(threads)) {
      return true; // nothing tells here
    }
    try (Stream<Path> all = Files.list(threads)) {
      return all.allMatch(AgentProcess::isStopped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path thread) {
    try {
      String status = Files.readString(thread.resolve("stat"));
      return status.startsWith("T", status.lastIndexOf(')') + 2); // after the name
    } catch (IOException e) {
      return !Files.exists(thread); // it ended meanwhile
    }
  }

  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Whether the tests run under nohup: the agent's JVM leaves SIGHUP ignored, as it found it. */
  public static boolean hangUpIsIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
  }

  public long pid() {
    return process.pid();
  }

  public static AgentClient connect(Path socket) throws IOException {
    return AgentClient.connect(socket, Speech.V1);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
