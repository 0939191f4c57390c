package io.sentinel.agent.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.EventType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuestLinesTest {

  private final List<String> seen = new ArrayList<>();

  private final GuestLines lines =
      new GuestLines(
          new GuestOutput() {
            @Override
            public void line(Optional<AgentEvent> event, String line) {
              seen.add(event.orElseThrow().correlationId() + ": " + line);
            }

            @Override
            public void lost(Optional<AgentEvent> event, long bytes) {
              seen.add(event.orElseThrow().correlationId() + " lost " + bytes);
            }
          });

  @Test
  void piecesAreCollectedToLinesForEachStreamAndTheRestIsALineToo() {
    write(GuestLines.OUT, "one ");
    write(GuestLines.ERR, "an error\n");
    write(GuestLines.OUT, "line\n\nand no end");
    assertEquals(List.of(), seen);
    lines.end(during("a"));
    assertEquals(List.of("a: an error", "a: one line", "a: and no end"), seen);
    lines.end(during("b"));
    assertEquals(3, seen.size());
  }

  @Test
  void longLinesAreCutAndTheRestIsCounted() {
    write(GuestLines.OUT, "x".repeat(GuestLines.LINE_BYTES + 7) + "\nnext\n");
    lines.end(during("a"));
    assertEquals(List.of("a: " + "x".repeat(GuestLines.LINE_BYTES), "a: next", "a lost 7"), seen);
  }

  @Test
  void linesOfACallAreBoundedAndTheNextCallHasItsOwn() {
    write(GuestLines.OUT, "x\n".repeat(GuestLines.LINES + 3));
    lines.end(during("a"));
    assertEquals(GuestLines.LINES + 1, seen.size());
    assertEquals("a lost 3", seen.getLast());
    seen.clear();
    write(GuestLines.OUT, "y");
    lines.end(during("b"));
    assertEquals(List.of("b: y"), seen);
  }

  @Test
  void bytesOfACallAreBounded() {
    write(GuestLines.OUT, "\n".repeat(GuestLines.CALL_BYTES));
    write(GuestLines.OUT, "nobody looks at this");
    lines.end(during("a"));
    assertEquals(List.of("a lost 20"), seen);
  }

  private static Optional<AgentEvent> during(String correlationId) {
    return Optional.of(new AgentEvent.Unhandled(EventType.REQUEST_HEADERS, correlationId));
  }

  private void write(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.write(stream, bytes, 0, bytes.length);
  }
}
