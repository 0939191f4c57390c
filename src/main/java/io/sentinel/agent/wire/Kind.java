package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.text.PlainJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds of values that the fields of events have (protocol.md, section 4). */
enum Kind {
  TEXT("a string") {
    @Override
    @Nullable Object read(PlainJson in, boolean kept) {
      if (kept) {
        return in.string();
      }
      in.skipString();
      return null;
    }

    @Override
    @Nullable Object read(JsonParser in, boolean kept) throws IOException {
      expect(in, JsonToken.VALUE_STRING);
      return kept ? in.getText() : null;
    }
  },
  U16("an integer from 0 to 65535") {
    @Override
    Object read(PlainJson in, boolean kept) {
      return (int) in.integer(0xffff);
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      return (int) integer(in, 0xffff);
    }
  },
  U32("an integer from 0 to 4294967295") {
    @Override
    Object read(PlainJson in, boolean kept) {
      return in.integer(0xffff_ffffL);
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      return integer(in, 0xffff_ffffL);
    }
  },
  /** Sizes and times; no real one comes near the 63 bits that are read here. */
  U64("an integer of at least 0") {
    @Override
    Object read(PlainJson in, boolean kept) {
      return in.integer(Long.MAX_VALUE);
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      return integer(in, Long.MAX_VALUE);
    }
  },
  BOOLEAN("true or false") {
    @Override
    Object read(PlainJson in, boolean kept) {
      return in.bool();
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      if (!in.currentToken().isBoolean()) {
        throw wrong(in);
      }
      return in.currentToken() == JsonToken.VALUE_TRUE;
    }
  },
  /** The bytes of a body, which nobody looks at yet. */
  BYTES("bytes, or a string of base64") {
    @Override
    @Nullable Object read(PlainJson in, boolean kept) {
      in.skipString();
      return null;
    }

    @Override
    @Nullable Object read(JsonParser in, boolean kept) throws IOException {
      if (in.currentToken() != JsonToken.VALUE_EMBEDDED_OBJECT) {
        expect(in, JsonToken.VALUE_STRING);
      }
      return null;
    }
  },
  TEXTS("a list of strings") {
    @Override
    Object read(PlainJson in, boolean kept) {
      return texts(in);
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      return texts(in);
    }
  },
  TEXT_MAP("an object of strings") {
    @Override
    Object read(PlainJson in, boolean kept) {
      throw PlainJson.unusual();
    }

    @Override
    @Nullable Object read(JsonParser in, boolean kept) throws IOException {
      expect(in, JsonToken.START_OBJECT);
      Set<String> names = new HashSet<>();
      while (in.nextToken() != JsonToken.END_OBJECT) {
        if (!names.add(in.currentName())) {
          throw twice(in);
        }
        in.nextToken();
        expect(in, JsonToken.VALUE_STRING);
      }
      return null;
    }
  },
  HEADERS("an object of lists of strings") {
    @Override
    Object read(PlainJson in, boolean kept) {
      List<Header> headers = new ArrayList<>(USUAL_HEADERS);
      Set<String> names = null; // a few are quicker compared one by one
      in.beginObject();
      while (in.nextField()) {
        String name = in.name();
        if (names == null && headers.size() >= MOST_COMPARED) {
          names = namesOf(headers);
        }
        if (names == null ? isAmong(headers, name) : !names.add(name)) {
          throw PlainJson.unusual(); // it comes twice
        }
        headers.add(new Header(name, texts(in)));
      }
      return headers;
    }

    @Override
    Object read(JsonParser in, boolean kept) throws IOException {
      expect(in, JsonToken.START_OBJECT);
      List<Header> headers = new ArrayList<>();
      Set<String> names = new HashSet<>();
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        if (!names.add(name)) {
          throw twice(in);
        }
        in.nextToken();
        headers.add(new Header(name, texts(in)));
      }
      return headers;
    }
  },
  /** Any value at all; objects become maps, lists become lists. */
  ANY("a value") {
    @Override
    Object read(PlainJson in, boolean kept) {
      throw PlainJson.unusual();
    }

    @Override
    @Nullable Object read(JsonParser in, boolean kept) throws IOException {
      return tree(in);
    }
  };

  private static final int USUAL_HEADERS = 16;
  private static final int MOST_COMPARED = 24;

  private final String description;

  Kind(String description) {
    this.description = description;
  }

  /**
   * Reads the value at the parser's token and leaves the parser at the value's last token.
   *
   * @param kept whether the caller wants the value, or only to know that it is one of this kind
   */
  abstract @Nullable Object read(JsonParser in, boolean kept) throws IOException;

  /** The same, of JSON that is plain. */
  abstract @Nullable Object read(PlainJson in, boolean kept);

  String description() {
    return description;
  }

  final MalformedMessageException wrong(JsonParser in) {
    return new MalformedMessageException(
        "expected " + description + ", not " + in.currentToken(), EventReader.offsetOf(in));
  }

  /** In JSON the parser sees it first. */
  private static MalformedMessageException twice(JsonParser in) {
    return new MalformedMessageException("a name comes twice", EventReader.offsetOf(in));
  }

  final void expect(JsonParser in, JsonToken token) {
    if (in.currentToken() != token) {
      throw wrong(in);
    }
  }

  final long integer(JsonParser in, long max) throws IOException {
    expect(in, JsonToken.VALUE_NUMBER_INT);
    JsonParser.NumberType type = in.getNumberType();
    if (type == JsonParser.NumberType.BIG_INTEGER) {
      throw wrong(in);
    }
    long value = in.getLongValue();
    if (value < 0 || value > max) {
      throw wrong(in);
    }
    return value;
  }

  final List<String> texts(JsonParser in) throws IOException {
    expect(in, JsonToken.START_ARRAY);
    if (in.nextToken() == JsonToken.END_ARRAY) {
      return List.of();
    }
    expect(in, JsonToken.VALUE_STRING);
    String first = in.getText();
    if (in.nextToken() == JsonToken.END_ARRAY) {
      return List.of(first);
    }
    List<String> values = new ArrayList<>();
    values.add(first);
    do {
      expect(in, JsonToken.VALUE_STRING);
      values.add(in.getText());
    } while (in.nextToken() != JsonToken.END_ARRAY);
    return values;
  }

  final List<String> texts(PlainJson in) {
    in.beginArray();
    if (!in.nextElement()) {
      return List.of();
    }
    String first = in.string();
    if (!in.nextElement()) {
      return List.of(first);
    }
    List<String> values = new ArrayList<>();
    values.add(first);
    do {
      values.add(in.string());
    } while (in.nextElement());
    return values;
  }

  private static boolean isAmong(List<Header> headers, String name) {
    for (int i = 0; i < headers.size(); i++) {
      if (headers.get(i).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static Set<String> namesOf(List<Header> headers) {
    Set<String> names = HashSet.newHashSet(4 * headers.size());
    for (Header header : headers) {
      names.add(header.name());
    }
    return names;
  }

  private static @Nullable Object tree(JsonParser in) throws IOException {
    return switch (in.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          if (object.containsKey(name)) {
            throw twice(in);
          }
          in.nextToken();
          object.put(name, tree(in));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(tree(in));
        }
        yield list;
      }
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.getNumberValue();
      default -> in.getText();
    };
  }
}
