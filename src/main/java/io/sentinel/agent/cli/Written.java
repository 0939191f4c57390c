package io.sentinel.agent.cli;

import io.sentinel.agent.wasm.GuestOutput;
import java.util.ArrayList;
import java.util.List;

/** Keeps the lines that a module writes, until they are taken, and none of those after. */
final class Written implements GuestOutput {

  private final List<String> lines = new ArrayList<>();
  private boolean taken;

  @Override
  public synchronized void line(String correlationId, String line) {
    if (!taken) {
      lines.add(line);
    }
  }

  @Override
  public synchronized void lost(String correlationId, long bytes) {
    if (!taken) {
      lines.add("(and %d bytes more, which are not kept)".formatted(bytes));
    }
  }

  synchronized List<String> take() {
    taken = true;
    return List.copyOf(lines);
  }
}
