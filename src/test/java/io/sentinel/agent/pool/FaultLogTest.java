package io.sentinel.agent.pool;

import static io.sentinel.agent.Events.ask;
import static io.sentinel.agent.Events.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sentinel.agent.Guests;
import io.sentinel.agent.TestAgent;
import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wire.ProxyCodec.Speech;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

/** What the log says of a fault of the agent's own. */
class FaultLogTest {

  @Test
  void faultSaysOfWhichModuleAndEvent() throws Exception {
    Logger logger = Logger.getLogger(GuestVerticle.class.getName());
    Records records = new Records();
    logger.addHandler(records);
    try (TestAgent agent =
            TestAgent.start(
                TestAgent.Options.of(Guests.compiled(Guests.C_MISDEEDS)).output(new Faulty()));
        AgentClient client = agent.connect(Speech.V2_JSON)) {
      assertEquals(
          List.of("trap"),
          ask(client, request("c-1", "/stdin", new String[0])).reply().audit().reasonCodes());
    } finally {
      logger.removeHandler(records);
    }
    ExtLogRecord fault = records.seen.getFirst();
    String message = new PatternFormatter("%s").format(fault);
    assertTrue(message.endsWith("[module=test event=request_headers correlation_id=c-1]"), message);
    assertEquals("test", fault.getMdc("module"));
    assertEquals("request_headers", fault.getMdc("event"));
    assertEquals("c-1", fault.getMdc("correlation_id"));
  }

  /** Breaks its word to throw nothing. */
  private static final class Faulty implements GuestOutput {

    @Override
    public void line(Optional<AgentEvent> event, String line) {
      throw new IllegalStateException("no room for " + line);
    }

    @Override
    public void lost(Optional<AgentEvent> event, long bytes) {}
  }

  private static final class Records extends Handler {

    private final List<ExtLogRecord> seen = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord entry) {
      ExtLogRecord whole = ExtLogRecord.wrap(entry);
      whole.copyAll();
      seen.add(whole);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
