package io.sentinel.agent.cli;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.config.Setting;
import io.sentinel.agent.message.EventType;
import io.sentinel.agent.wire.EventWriter;
import io.sentinel.agent.wire.MalformedMessageException;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends one event to an agent, as the proxy would, and prints its decision. */
@Command(
    name = "send",
    description = "Sends one event to an agent, as the proxy would, and prints the decision.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class SendCommand implements Callable<Integer> {

  private static final int NO_ANSWER = 1;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "the agent's socket (AGENT_SOCKET, default /tmp/sentinel-wasm.sock)")
  private @Nullable Path socket;

  @Mixin private EventOptions options = new EventOptions();

  @Option(
      names = "--file",
      paramLabel = "JSON",
      description = "a file with the event's object, in place of the options above")
  private @Nullable Path file;

  @Option(
      names = "--protocol",
      paramLabel = "1|2",
      defaultValue = "1",
      description = "the protocol's version (default 1)")
  private int protocol;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      defaultValue = "json",
      description = "of version 2: json (default) or msgpack")
  private String encoding = "";

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "how long to wait for an answer (default 5)")
  private int waitSeconds;

  @Option(names = "--json", description = "print the answer as it came")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    EventType type = options.type();
    byte[] payload = payload();
    Path path = socketPath();
    Speech speech = speech();
    try (AgentClient client = AgentClient.connect(path, speech)) {
      AgentClient.Answer answer = client.ask(type, payload, Duration.ofSeconds(waitSeconds));
      if (json) {
        out.println(answer.json());
      } else {
        AnswerText.print(answer, out);
      }
      out.flush();
      return 0;
    } catch (IOException | MalformedMessageException e) {
      err.println("sentinel-wasm-agent: no answer from %s: %s".formatted(path, problem(e)));
      return NO_ANSWER;
    }
  }

  private Speech speech() {
    return switch (protocol + " " + encoding) {
      case "1 json" -> Speech.V1;
      case "2 json" -> Speech.V2_JSON;
      case "2 msgpack" -> Speech.V2_MESSAGE_PACK;
      default ->
          throw usage(
              "version %d in %s is not spoken: there is 1 in json, and 2 in json or msgpack"
                  .formatted(protocol, encoding));
    };
  }

  private static String problem(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private Path socketPath() {
    if (socket != null) {
      return socket;
    }
    String variable = System.getenv(Setting.SOCKET.variable());
    return Path.of(variable != null ? variable : Setting.SOCKET.defaultText().orElseThrow());
  }

  private byte[] payload() {
    if (file != null) {
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw usage("%s cannot be read: %s".formatted(file, problem(e)));
      }
    }
    return EventWriter.write(options.event());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
