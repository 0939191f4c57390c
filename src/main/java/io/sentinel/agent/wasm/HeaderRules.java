package io.sentinel.agent.wasm;

import java.util.Locale;
import java.util.Set;

/** Which headers a module may touch, and what may stand in them (RFC 9110, section 5). */
final class HeaderRules {

  /**
   * Headers that frame the message or name its target: a module that changed them could make proxy
   * and upstream disagree about where a request ends or whom it is for.
   */
  private static final Set<String> FORBIDDEN =
      Set.of(
          "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer");

  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private HeaderRules() {}

  /** Whether the name is a token, and no header that is forbidden; pseudo-headers are neither. */
  static boolean mayChange(String name) {
    return isToken(name) && !FORBIDDEN.contains(name.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether a value is printable ASCII, and neither begins nor ends with a blank. The RFC also
   * knows tabs and bytes over 127, of which each recipient makes something else.
   */
  static boolean isValue(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        return false;
      }
    }
    return !value.startsWith(" ") && !value.endsWith(" ");
  }

  /** Whether a redirect may go there: an http or https URL with a host, or an absolute path. */
  static boolean isRedirectTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= 0x20 || c == 0x7f || c == '\\') {
        return false;
      }
    }
    if (target.startsWith("/")) {
      return !target.startsWith("//");
    }
    String lower = target.toLowerCase(Locale.ROOT);
    return hasHost(lower, "http://") || hasHost(lower, "https://");
  }

  private static boolean hasHost(String url, String scheme) {
    return url.startsWith(scheme)
        && url.length() > scheme.length()
        && "/?#:@".indexOf(url.charAt(scheme.length())) < 0;
  }

  private static boolean isToken(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric =
          isBetween('a', c, 'z') || isBetween('A', c, 'Z') || isBetween('0', c, '9');
      if (!alphanumeric && TOKEN_MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isBetween(char first, char c, char last) {
    return first <= c && c <= last;
  }
}
