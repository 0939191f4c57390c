package io.sentinel.agent.message;

import java.util.Map;
import java.util.Optional;

/** What is to become of the request. */
public sealed interface Decision {

  /** Let it pass. */
  record Allow() implements Decision {
    static final Allow INSTANCE = new Allow();
  }

  /** Answer the client here and now. */
  record Block(int status, Optional<String> body, Map<String, String> headers) implements Decision {

    public Block {
      headers = Map.copyOf(headers);
    }

    public Block(int status, Optional<String> body) {
      this(status, body, Map.of());
    }
  }

  /** Send the client elsewhere. */
  record Redirect(int status, String url) implements Decision {}

  /** Have the client prove itself. Today's proxies let such a request through. */
  record Challenge(String challengeType, Map<String, String> params) implements Decision {

    public Challenge {
      params = Map.copyOf(params);
    }
  }

  static Decision allow() {
    return Allow.INSTANCE;
  }

  /** What kind of decision it is, for metrics and logs. */
  default Kind kind() {
    return switch (this) {
      case Allow _ -> Kind.ALLOW;
      case Block _ -> Kind.BLOCK;
      case Redirect _ -> Kind.REDIRECT;
      case Challenge _ -> Kind.CHALLENGE;
    };
  }

  /** The kinds of decisions. */
  enum Kind {
    ALLOW("allow"),
    BLOCK("block"),
    REDIRECT("redirect"),
    CHALLENGE("challenge");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }
}
