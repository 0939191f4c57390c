package io.sentinel.agent.cli;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.wasm.GuestOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps the lines that a module writes, until they are taken, and none of those after. */
final class Written implements GuestOutput {

  private final List<String> lines = new ArrayList<>();
  private boolean taken;

  @Override
  public synchronized void line(Optional<AgentEvent> event, String line) {
    if (!taken) {
      lines.add(line);
    }
  }

  @Override
  public synchronized void lost(Optional<AgentEvent> event, long bytes) {
    if (!taken) {
      lines.add("(and %d bytes more, which are not kept)".formatted(bytes));
    }
  }

  synchronized List<String> take() {
    taken = true;
    return List.copyOf(lines);
  }
}
