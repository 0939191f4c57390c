package io.sentinel.agent.fuzz;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.wire.FrameDecoder;
import io.sentinel.agent.wire.FrameDecoder.Frame;
import io.sentinel.agent.wire.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the targets hold against what came out. */
public final class Properties {

  private Properties() {}

  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  public static void checkEqual(Object expected, Object actual, String what) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError(what + ": expected " + expected + ", was " + actual);
    }
  }

  /** The only frame in bytes that the agent or its client wrote. */
  public static Frame onlyFrame(byte[] written, Protocol protocol) {
    FrameDecoder decoder = new FrameDecoder(protocol);
    decoder.append(written, 0, written.length);
    Frame frame = decoder.next();
    check(frame != null, "half a frame was written");
    check(decoder.next() == null && decoder.buffered() == 0, "more than a frame was written");
    return frame;
  }

  /** Texts that UTF-8 can carry, a status that fits, no header twice. */
  public static void checkEvent(AgentEvent event) {
    checkText(event.correlationId());
    switch (event) {
      case AgentEvent.RequestHeaders request -> {
        checkText(request.method());
        checkText(request.uri());
        checkText(request.clientIp());
        request.routeId().ifPresent(Properties::checkText);
        checkHeaders(request.headers());
      }
      case AgentEvent.ResponseHeaders response -> {
        check(response.status() >= 0 && response.status() <= 0xffff, "a status of no 16 bits");
        checkHeaders(response.headers());
      }
      case AgentEvent.Configure _, AgentEvent.Unhandled _ -> {}
    }
  }

  private static void checkHeaders(List<Header> headers) {
    Set<String> names = new HashSet<>();
    for (Header header : headers) {
      check(names.add(header.name()), "a header comes twice");
      checkText(header.name());
      header.values().forEach(Properties::checkText);
    }
  }

  public static void checkText(String text) {
    check(StandardCharsets.UTF_8.newEncoder().canEncode(text), "half a surrogate pair came out");
  }

  /** Whether a configuration has numbers that JSON has no word for. */
  public static boolean hasInfinity(Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.values().stream().anyMatch(Properties::hasInfinity);
      case List<?> list -> list.stream().anyMatch(Properties::hasInfinity);
      case Double number -> number.isInfinite() || number.isNaN();
      case Float number -> number.isInfinite() || number.isNaN();
      case null, default -> false;
    };
  }

  /** The event without what a second writing of it cannot keep. */
  public static AgentEvent comparable(AgentEvent event) {
    return event instanceof AgentEvent.Configure(var _, var config)
        ? new AgentEvent.Configure("", config)
        : event;
  }
}
