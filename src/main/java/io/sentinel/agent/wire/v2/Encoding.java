package io.sentinel.agent.wire.v2;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.wire.Dialect;
import io.sentinel.agent.wire.Json;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/** How the payloads of events and answers are written, as agreed upon in the handshake. */
@SuppressWarnings("ImmutableEnumChecker") // a factory is not changed once it is made
public enum Encoding {
  JSON("json", Json::factory, Dialect.JSON) {
    @Override
    Optional<String> problem(byte[] bytes, int offset, int length) {
      return JsonText.problem(bytes, offset, length);
    }
  },
  MESSAGE_PACK("msgpack", messagePack(), Dialect.MESSAGE_PACK) {
    @Override
    Optional<String> problem(byte[] bytes, int offset, int length) {
      return MessagePackText.problem(bytes, offset, length);
    }
  };

  private final String label;
  private final Supplier<JsonFactory> factory;
  private final Dialect dialect;

  Encoding(String label, Supplier<JsonFactory> factory, Dialect dialect) {
    this.label = label;
    this.factory = factory;
    this.dialect = dialect;
  }

  /** Says what is wrong with a payload that its parser would not see, if anything is. */
  abstract Optional<String> problem(byte[] bytes, int offset, int length);

  /** The encoding of that name, if the agent speaks it. */
  static Optional<Encoding> of(String name) {
    for (Encoding encoding : values()) {
      if (encoding.label.equals(name.toLowerCase(Locale.ROOT))) {
        return Optional.of(encoding);
      }
    }
    return Optional.empty();
  }

  /** The name in the handshake. */
  public String label() {
    return label;
  }

  JsonFactory factory() {
    return factory.get();
  }

  Dialect dialect() {
    return dialect;
  }

  /** The same one for all: it keeps nothing of what was read. */
  private static Supplier<JsonFactory> messagePack() {
    MessagePackFactory factory = new MessagePackFactory();
    // The buffer belongs to whoever writes the frame.
    factory.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    return () -> factory;
  }
}
