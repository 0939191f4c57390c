package io.sentinel.agent.wire;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The proxy's side: reads AgentResponse objects (protocol.md, section 5). */
public final class ReplyReader {

  private ReplyReader() {}

  /**
   * Reads an answer in JSON.
   *
   * @throws MalformedMessageException if it is none
   */
  public static AgentReply read(byte[] bytes, int offset, int length) {
    try (JsonParser in = Json.factory().createParser(bytes, offset, length)) {
      if (in.nextToken() == null) {
        throw malformed("the answer is empty");
      }
      return reply(map(Kind.ANY.read(in, true), "the answer"));
    } catch (JacksonException e) {
      throw new MalformedMessageException(String.valueOf(e.getOriginalMessage()), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never thrown: the parser reads from memory
    }
  }

  private static AgentReply reply(Map<String, @Nullable Object> answer) {
    Map<String, @Nullable Object> audit =
        map(requireNonNullElse(answer.get("audit"), Map.of()), "audit");
    return new AgentReply(
        decision(answer.get("decision")),
        ops(answer.get("request_headers")),
        ops(answer.get("response_headers")),
        new Audit(texts(audit.get("tags")), texts(audit.get("reason_codes"))));
  }

  private static Decision decision(@Nullable Object value) {
    if ("allow".equals(value)) {
      return Decision.allow();
    }
    Map<String, @Nullable Object> decision = map(value, "decision");
    if (decision.size() == 1) {
      String verb = decision.keySet().iterator().next();
      Map<String, @Nullable Object> fields = map(decision.get(verb), verb);
      switch (verb) {
        case "block" -> {
          return new Decision.Block(
              status(fields),
              fields.get("body") == null ? Optional.empty() : Optional.of(text(fields, "body")),
              textMap(fields.get("headers")));
        }
        case "redirect" -> {
          return new Decision.Redirect(status(fields), text(fields, "url"));
        }
        case "challenge" -> {
          return new Decision.Challenge(
              text(fields, "challenge_type"), textMap(fields.get("params")));
        }
        default -> {}
      }
    }
    throw malformed("unknown decision " + decision);
  }

  private static List<HeaderOp> ops(@Nullable Object value) {
    List<HeaderOp> ops = new ArrayList<>();
    for (Object element : list(value)) {
      Map<String, @Nullable Object> op = map(element, "a header operation");
      for (String verb : op.keySet()) {
        Map<String, @Nullable Object> fields = map(op.get(verb), verb);
        ops.add(
            switch (verb) {
              case "set" -> new HeaderOp.Set(text(fields, "name"), text(fields, "value"));
              case "add" -> new HeaderOp.Add(text(fields, "name"), text(fields, "value"));
              case "remove" -> new HeaderOp.Remove(text(fields, "name"));
              default -> throw malformed("unknown header operation " + verb);
            });
      }
    }
    return ops;
  }

  private static int status(Map<String, @Nullable Object> fields) {
    if (fields.get("status") instanceof Integer status) {
      return status;
    }
    throw malformed("status is no integer");
  }

  private static String text(Map<String, @Nullable Object> fields, String name) {
    if (fields.get(name) instanceof String text) {
      return text;
    }
    throw malformed(name + " is no string");
  }

  private static List<String> texts(@Nullable Object value) {
    return list(value).stream().map(String::valueOf).toList();
  }

  private static Map<String, String> textMap(@Nullable Object value) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (value != null) {
      map(value, "an object").forEach((name, text) -> texts.put(name, String.valueOf(text)));
    }
    return texts;
  }

  private static List<?> list(@Nullable Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw malformed("expected a list, not " + value);
  }

  @SuppressWarnings("unchecked") // Kind.ANY makes maps with text keys
  private static Map<String, @Nullable Object> map(@Nullable Object value, String what) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw malformed(what + " is no object but " + value);
  }

  private static MalformedMessageException malformed(String message) {
    return new MalformedMessageException(message, 0);
  }
}
