package io.sentinel.agent.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.HeaderOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random names and values through a module's result: the legal ones come out as they went in and in
 * their order, and no other does. {@code -Dheader.pairs=1000000} tries as many.
 */
class HeaderPairsTest {

  private static final int PAIRS = Integer.getInteger("header.pairs", 20_000);
  private static final int IN_ONE_RESULT = 40;

  private static final List<String> NAMES =
      List.of(
          "x-policy",
          "Set-Cookie",
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "upgrade",
          "te",
          "trailer",
          "trailers",
          "hosts",
          "content-type",
          "");

  /** One of each kind that has ever meant something to somebody. */
  private static final String ODD =
      "\r\n\t\0\u0001\u001f \u007f\u0080\u0085\u00a0\u00e9\u017c\u2028\ufeff\ufffd:;,=\"\\/()<>@[]{}"
          + "!#$%&'*+-.^_`|~azAZ09\ud83d\udc22\u212a\u0130\u0131\uff0d";

  private final Random random = new Random(20_261_124);
  private final ObjectMapper json = new ObjectMapper();

  @Test
  void onlyLegalPairsComeOut() throws IOException {
    int legal = 0;
    for (int i = 0; i < PAIRS; i += IN_ONE_RESULT) {
      Map<String, String> sets = new LinkedHashMap<>();
      List<String> removes = new ArrayList<>();
      for (int j = 0; j < IN_ONE_RESULT; j++) {
        String name = name();
        if (random.nextInt(4) == 0) {
          removes.add(name);
        } else {
          sets.put(name, value());
        }
      }
      List<HeaderOp> expected = expected(sets, removes);
      AgentReply reply = read(Map.of("decision", "allow", "remove_request_headers", removes), sets);
      assertEquals(expected, reply.requestHeaders());
      assertEquals(List.of(), reply.responseHeaders());
      assertEquals(
          expected.size() < sets.size() + removes.size()
              ? List.of(GuestResult.HEADER_REJECTED_TAG)
              : List.of(),
          reply.audit().tags());
      ResultProperties.check(reply);
      legal += expected.size();
    }
    // Neither all nor none: the generator makes both kinds.
    assertEquals(0.5, (double) legal / PAIRS, 0.3);
  }

  private AgentReply read(Map<String, Object> fields, Map<String, String> sets) throws IOException {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("add_request_headers", sets);
    result.putAll(fields);
    byte[] bytes = json.writeValueAsBytes(result);
    return GuestResult.read(bytes, 0, bytes.length, GuestLimits.DEFAULT);
  }

  private static List<HeaderOp> expected(Map<String, String> sets, List<String> removes) {
    List<HeaderOp> ops = new ArrayList<>();
    sets.forEach(
        (name, value) -> {
          if (ResultProperties.isLegalName(name) && ResultProperties.isLegalValue(value)) {
            ops.add(new HeaderOp.Set(name, value));
          }
        });
    removes.stream()
        .filter(ResultProperties::isLegalName)
        .map(HeaderOp.Remove::new)
        .forEach(ops::add);
    return ops;
  }

  private String name() {
    String name = random.nextBoolean() ? NAMES.get(random.nextInt(NAMES.size())) : token();
    return switch (random.nextInt(6)) {
      case 0 -> name.toUpperCase(java.util.Locale.ROOT);
      case 1 -> insert(name);
      case 2 -> ":" + name;
      case 3 -> name + " ";
      default -> name + random.nextInt(1000);
    };
  }

  private String token() {
    StringBuilder token = new StringBuilder("x");
    for (int i = random.nextInt(12); i > 0; i--) {
      token.append("!#$%&'*+-.^_`|~azAZ09".charAt(random.nextInt(21)));
    }
    return token.toString();
  }

  private String value() {
    String value = "value " + random.nextInt(1000);
    for (int i = random.nextInt(3); i > 0; i--) {
      value = insert(value);
    }
    return value;
  }

  /** Puts an odd character somewhere; pairs of surrogates stay together. */
  private String insert(String text) {
    int[] codePoints = ODD.codePoints().toArray();
    String odd = Character.toString(codePoints[random.nextInt(codePoints.length)]);
    int at = text.isEmpty() ? 0 : text.offsetByCodePoints(0, random.nextInt(codePoints(text) + 1));
    String with = text.substring(0, at) + odd + text.substring(at);
    assertEquals(with, new String(with.getBytes(UTF_8), UTF_8));
    return with;
  }

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }
}
