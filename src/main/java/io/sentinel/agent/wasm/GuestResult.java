package io.sentinel.agent.wasm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Audit;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.text.LogText;
import io.sentinel.agent.text.PlainJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a module returned, and believes nothing of it. */
final class GuestResult {

  /** The tag of an answer from which header operations were left out. */
  static final String HEADER_REJECTED_TAG = "header-rejected";

  private static final int DEFAULT_BLOCK_STATUS = 403;
  private static final int DEFAULT_REDIRECT_STATUS = 302;
  private static final int MAX_DEPTH = 128;
  private static final int MAX_STATUS = 0xffff;

  /** With more names than this in one object, the general reader looks for doubled ones. */
  private static final int MOST_COMPARED = 32;

  /** The fields of a result, named in lower case. */
  @SuppressWarnings("ImmutableEnumChecker") // the name is not changed
  private enum Field {
    DECISION,
    STATUS,
    BODY,
    ADD_REQUEST_HEADERS,
    REMOVE_REQUEST_HEADERS,
    ADD_RESPONSE_HEADERS,
    REMOVE_RESPONSE_HEADERS,
    TAGS;

    private static final Field[] ALL = values();

    private final byte[] json = name().toLowerCase(Locale.ROOT).getBytes(US_ASCII);

    static Field of(PlainJson in) {
      for (Field field : ALL) {
        if (in.nameIs(field.json)) {
          return field;
        }
      }
      throw PlainJson.unusual();
    }
  }

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  private final GuestLimits limits;
  private final List<HeaderOp> requestHeaders = new ArrayList<>();
  private final List<HeaderOp> responseHeaders = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private @Nullable String decision;
  private @Nullable String body;
  private @Nullable Integer status;
  private int ops;
  private int rejected;

  private GuestResult(GuestLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads a result.
   *
   * @throws GuestException if it is not one
   */
  static AgentReply read(byte[] bytes, int offset, int length, GuestLimits limits) {
    JsonText.problem(bytes, offset, length)
        .ifPresent(
            problem -> {
              throw GuestException.badResult("the result " + problem);
            });
    try {
      return plain(new PlainJson(bytes, offset, length), limits);
    } catch (PlainJson.Unusual e) {
      return general(bytes, offset, length, limits);
    }
  }

  private static AgentReply plain(PlainJson in, GuestLimits limits) {
    GuestResult result = new GuestResult(limits);
    result.fields(in);
    in.end();
    return result.reply();
  }

  /** Reads any result, and says of one that is none what is wrong. */
  static AgentReply general(byte[] bytes, int offset, int length, GuestLimits limits) {
    GuestResult result = new GuestResult(limits);
    // A factory keeps the names of all fields that its parsers have seen, and a module can make up
    // ever new ones: they go with the copy.
    try (JsonParser in = JSON.copy().createParser(bytes, offset, length)) {
      in.nextToken();
      result.fields(in);
      if (in.nextToken() != null) {
        throw GuestException.badResult("something follows the result");
      }
    } catch (JacksonException e) {
      throw GuestException.badResult(
          "the result is not JSON: " + LogText.of(String.valueOf(e.getOriginalMessage())));
    } catch (IOException e) {
      throw GuestException.badResult("the result cannot be read: " + e);
    }
    return result.reply();
  }

  /** Each field at most once, null or of its own kind, and no others. */
  private void fields(PlainJson in) {
    Set<Field> seen = EnumSet.noneOf(Field.class);
    in.beginObject();
    while (in.nextField()) {
      Field field = Field.of(in);
      if (!seen.add(field)) {
        throw PlainJson.unusual();
      }
      if (in.skipNull()) {
        if (field == Field.DECISION) {
          throw PlainJson.unusual();
        }
        continue;
      }
      switch (field) {
        case DECISION -> decision = in.string();
        case STATUS -> status = (int) in.integer(MAX_STATUS);
        case BODY -> body = checked("the body", in.string(), limits.bodyBytes());
        case ADD_REQUEST_HEADERS -> sets(in, requestHeaders);
        case REMOVE_REQUEST_HEADERS -> removes(in, requestHeaders);
        case ADD_RESPONSE_HEADERS -> sets(in, responseHeaders);
        case REMOVE_RESPONSE_HEADERS -> removes(in, responseHeaders);
        case TAGS -> tags(in);
      }
    }
  }

  private void fields(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw GuestException.badResult("the result is no object but " + in.currentToken());
    }
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String field = in.currentName();
      in.nextToken();
      switch (field) {
        case "decision" -> decision = text(in, field);
        case "status" -> status = status(in);
        case "body" -> body = textOrNull(in, field);
        case "add_request_headers" -> sets(in, field, requestHeaders);
        case "remove_request_headers" -> removes(in, field, requestHeaders);
        case "add_response_headers" -> sets(in, field, responseHeaders);
        case "remove_response_headers" -> removes(in, field, responseHeaders);
        case "tags" -> tags(in, field);
        default -> in.skipChildren();
      }
    }
  }

  private AgentReply reply() {
    Decision decided = decide();
    if (rejected > 0) {
      tags.add(HEADER_REJECTED_TAG);
    }
    return new AgentReply(decided, requestHeaders, responseHeaders, Audit.ofTags(tags), rejected);
  }

  private Decision decide() {
    if (decision == null) {
      throw GuestException.badResult("the result has no decision");
    }
    return switch (decision.toLowerCase(Locale.ROOT)) {
      case "allow" -> Decision.allow();
      case "block", "deny" ->
          new Decision.Block(
              inRange(requireNonNullElse(status, DEFAULT_BLOCK_STATUS)), Optional.ofNullable(body));
      case "redirect" ->
          new Decision.Redirect(
              redirecting(requireNonNullElse(status, DEFAULT_REDIRECT_STATUS)), target());
      default ->
          throw GuestException.badResult("unknown decision \"" + LogText.of(decision) + "\"");
    };
  }

  private static int inRange(int status) {
    if (status < 200 || status > 599) {
      throw GuestException.badResult("status " + status + " is not within 200 to 599");
    }
    return status;
  }

  private static int redirecting(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> status;
      default -> throw GuestException.badResult("status " + status + " does not redirect");
    };
  }

  private String target() {
    if (body == null || !HeaderRules.isRedirectTarget(body)) {
      throw GuestException.badResult(
          "the body of a redirect is no http(s) URL and no absolute path");
    }
    if (utf8Length(body) > limits.headerValueBytes()) {
      throw GuestException.badResult(
          "a redirect target of over %d bytes".formatted(limits.headerValueBytes()));
    }
    return body;
  }

  private static @Nullable Integer status(JsonParser in) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (in.currentToken() != JsonToken.VALUE_NUMBER_INT
        || in.getNumberType() != JsonParser.NumberType.INT
        || in.getIntValue() < 0
        || in.getIntValue() > MAX_STATUS) {
      throw GuestException.badResult("status is no integer from 0 to " + MAX_STATUS);
    }
    return in.getIntValue();
  }

  private void sets(JsonParser in, String field, List<HeaderOp> into) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(in, field, JsonToken.START_OBJECT, "an object");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      set(name, text(in, field), into);
    }
  }

  private void sets(PlainJson in, List<HeaderOp> into) {
    List<String> names = new ArrayList<>();
    in.beginObject();
    while (in.nextField()) {
      String name = in.name();
      if (names.size() == MOST_COMPARED || names.contains(name)) {
        throw PlainJson.unusual();
      }
      names.add(name);
      set(name, in.string(), into);
    }
  }

  private void set(String name, String value, List<HeaderOp> into) {
    countOp(name);
    checkLength("a header's value", value, limits.headerValueBytes());
    if (HeaderRules.mayChange(name) && HeaderRules.isValue(value)) {
      into.add(new HeaderOp.Set(name, value));
    } else {
      rejected++;
    }
  }

  private void removes(JsonParser in, String field, List<HeaderOp> into) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(in, field, JsonToken.START_ARRAY, "a list");
    while (in.nextToken() != JsonToken.END_ARRAY) {
      remove(text(in, field), into);
    }
  }

  private void removes(PlainJson in, List<HeaderOp> into) {
    in.beginArray();
    while (in.nextElement()) {
      remove(in.string(), into);
    }
  }

  private void remove(String name, List<HeaderOp> into) {
    countOp(name);
    if (HeaderRules.mayChange(name)) {
      into.add(new HeaderOp.Remove(name));
    } else {
      rejected++;
    }
  }

  private void countOp(String name) {
    if (++ops > limits.headerOps()) {
      throw GuestException.badResult("over %d header operations".formatted(limits.headerOps()));
    }
    checkLength("a header's name", name, limits.headerNameBytes());
  }

  private void tags(JsonParser in, String field) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(in, field, JsonToken.START_ARRAY, "a list");
    while (in.nextToken() != JsonToken.END_ARRAY) {
      tag(text(in, field));
    }
  }

  private void tags(PlainJson in) {
    in.beginArray();
    while (in.nextElement()) {
      tag(in.string());
    }
  }

  private void tag(String tag) {
    if (tags.size() == limits.tags()) {
      throw GuestException.badResult("over %d tags".formatted(limits.tags()));
    }
    tags.add(checked("a tag", tag, limits.tagBytes()));
  }

  private @Nullable String textOrNull(JsonParser in, String field) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    return checked("the body", text(in, field), limits.bodyBytes());
  }

  private static String text(JsonParser in, String field) throws IOException {
    expect(in, field, JsonToken.VALUE_STRING, "a string");
    return in.getText();
  }

  private static void expect(JsonParser in, String field, JsonToken token, String what) {
    if (in.currentToken() != token) {
      throw GuestException.badResult(
          "%s holds %s where %s is wanted".formatted(field, in.currentToken(), what));
    }
  }

  private static String checked(String what, String text, int maxBytes) {
    checkLength(what, text, maxBytes);
    return text;
  }

  private static void checkLength(String what, String text, int maxBytes) {
    if (utf8Length(text) > maxBytes) {
      throw GuestException.badResult("%s of over %d bytes".formatted(what, maxBytes));
    }
  }

  private static int utf8Length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x800 && !Character.isSurrogate(c)) {
        bytes += 2;
      } else if (c >= 0x80) {
        bytes++; // each half of a pair stands for two of its four bytes
      }
    }
    return bytes;
  }
}
