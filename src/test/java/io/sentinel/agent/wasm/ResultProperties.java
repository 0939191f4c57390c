package io.sentinel.agent.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sentinel.agent.fuzz.Properties;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What must hold for every answer that comes out of a module's result. */
final class ResultProperties {

  private static final GuestLimits LIMITS = GuestLimits.DEFAULT;
  private static final Set<String> FORBIDDEN =
      Set.of(
          "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer");
  private static final Set<Integer> REDIRECTING = Set.of(301, 302, 303, 307, 308);

  /** RFC 9110, section 5.6.2. */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** Narrower than its section 5.5, which knows tabs and obs-text, too. */
  private static final Pattern VALUE = Pattern.compile("(?:[!-~](?:[ -~]*[!-~])?)?");

  private static final Pattern TARGET =
      Pattern.compile("(?:(?i:https?)://[^/?#:@\\\\]|/(?!/))[^\\x00-\\x20\\x7f\\\\]*|/");

  private ResultProperties() {}

  static void check(AgentReply reply) {
    List<HeaderOp> ops = new ArrayList<>(reply.requestHeaders());
    ops.addAll(reply.responseHeaders());
    check(ops.size() <= LIMITS.headerOps(), ops.size() + " header operations");
    ops.forEach(ResultProperties::checkOp);
    checkTags(reply.audit().tags());
    check(reply.audit().reasonCodes().isEmpty(), "a module gave a reason code");
    switch (reply.decision()) {
      case Decision.Allow _ -> {}
      case Decision.Block(int status, var body, var headers) -> {
        check(status >= 200 && status <= 599, "status " + status);
        check(headers.isEmpty(), "headers of a block");
        body.ifPresent(text -> checkText(text, LIMITS.bodyBytes(), "a body"));
      }
      case Decision.Redirect(int status, String url) -> {
        check(REDIRECTING.contains(status), "a redirect's status " + status);
        checkText(url, LIMITS.headerValueBytes(), "a redirect's target");
        check(TARGET.matcher(url).matches(), "a redirect's target " + url);
      }
      case Decision.Challenge _ -> throw new AssertionError("a challenge came out");
    }
  }

  static void checkOp(HeaderOp op) {
    check(isLegalName(op.name()), "a header's name: " + op.name());
    checkText(op.name(), LIMITS.headerNameBytes(), "a header's name");
    switch (op) {
      case HeaderOp.Set(var _, String value) -> {
        check(isLegalValue(value), "a header's value: " + value);
        checkText(value, LIMITS.headerValueBytes(), "a header's value");
      }
      case HeaderOp.Add _ -> throw new AssertionError("an add came out");
      case HeaderOp.Remove _ -> {}
    }
  }

  static boolean isLegalName(String name) {
    return TOKEN.matcher(name).matches() && !FORBIDDEN.contains(name.toLowerCase(Locale.ROOT));
  }

  static boolean isLegalValue(String value) {
    return VALUE.matcher(value).matches();
  }

  private static void checkTags(List<String> tags) {
    // The agent's own tag comes on top.
    check(tags.size() <= LIMITS.tags() + 1, tags.size() + " tags");
    tags.forEach(tag -> checkText(tag, LIMITS.tagBytes(), "a tag"));
  }

  private static void checkText(String text, int maxBytes, String what) {
    Properties.checkText(text);
    check(text.getBytes(UTF_8).length <= maxBytes, what + " that is too long");
  }

  private static void check(boolean holds, String what) {
    Properties.check(holds, what);
  }
}
