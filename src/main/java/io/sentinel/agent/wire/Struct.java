package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sentinel.agent.text.PlainJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an object on the wire, in the order in which section 4 of protocol.md lists them.
 * Fields that are not listed are ignored; a field that comes twice is an error.
 */
final class Struct {

  static final String CORRELATION_ID = "correlation_id";

  private static final Object PRESENT = new Object();

  /**
   * One field.
   *
   * @param nested how to read it where it is an object with fields of its own
   */
  record Field(String name, Kind kind, @Nullable Struct nested, boolean required, boolean kept) {

    /** A field that must be there, and that the agent uses. */
    static Field kept(String name, Kind kind) {
      return new Field(name, kind, null, true, true);
    }

    static Field kept(String name, Struct nested) {
      return new Field(name, Kind.ANY, nested, true, true);
    }

    /** A field that must be there, is checked, and is not used. */
    static Field checked(String name, Kind kind) {
      return new Field(name, kind, null, true, false);
    }

    /** A field that may be null or missing, and that the agent uses. */
    static Field keptIfPresent(String name, Kind kind) {
      return new Field(name, kind, null, false, true);
    }

    /** A field that may be null or missing, is checked where it is there, and is not used. */
    static Field checkedIfPresent(String name, Kind kind) {
      return new Field(name, kind, null, false, false);
    }
  }

  private final String name;
  private final List<Field> fields;
  private final byte[][] names;
  private final Map<String, Integer> positions = new HashMap<>();

  Struct(String name, Field... fields) {
    this.name = name;
    this.fields = List.of(fields);
    this.names =
        this.fields.stream()
            .map(field -> field.name().getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    for (int i = 0; i < fields.length; i++) {
      positions.put(fields[i].name(), i);
    }
  }

  /** Where a field's value stands in what {@link #read} returns. */
  int position(String field) {
    Integer position = positions.get(field);
    if (position == null) {
      throw new IllegalArgumentException(name + " has no field " + field);
    }
    return position;
  }

  /**
   * Reads the object at the parser's token.
   *
   * @return a value for each field, in order: null for one that is null, missing or not kept
   */
  @Nullable Object[] read(JsonParser in, Dialect dialect) throws IOException {
    @Nullable Object[] values = new @Nullable Object[fields.size()];
    if (in.currentToken() == JsonToken.START_OBJECT) {
      readNamed(values, in, dialect);
    } else if (in.currentToken() == JsonToken.START_ARRAY && dialect == Dialect.MESSAGE_PACK) {
      readPositional(values, in, dialect);
    } else {
      throw new MalformedMessageException(
          name + ": expected an object, not " + in.currentToken(), EventReader.offsetOf(in));
    }
    finish(values, in);
    return values;
  }

  /**
   * The same, of JSON that is plain. One field more than are listed is passed over, if it is a
   * string: with a second one, it would have to be seen that the two have different names.
   */
  @Nullable Object[] read(PlainJson in) {
    @Nullable Object[] values = new @Nullable Object[names.length];
    in.beginObject();
    int expected = 0;
    long seen = 0;
    boolean unknownSeen = false;
    while (in.nextField()) {
      int position = position(in, expected);
      if (position < 0) {
        if (unknownSeen || !in.isString()) {
          throw PlainJson.unusual();
        }
        unknownSeen = true;
        in.skipString();
        continue;
      }
      if ((seen & 1L << position) != 0) {
        throw PlainJson.unusual();
      }
      seen |= 1L << position;
      expected = position + 1;
      Field field = fields.get(position);
      if (field.required() || !in.skipNull()) {
        Struct nested = field.nested();
        values[position] = nested == null ? field.kind().read(in, field.kept()) : nested.read(in);
      }
    }
    for (int i = 0; i < names.length; i++) {
      if (fields.get(i).required() && (seen & 1L << i) == 0) {
        throw PlainJson.unusual();
      }
    }
    return values;
  }

  /** Fields nearly always come in the order in which they are listed. */
  private int position(PlainJson in, int expected) {
    if (expected < names.length && in.nameIs(names[expected])) {
      return expected;
    }
    for (int i = 0; i < names.length; i++) {
      if (in.nameIs(names[i])) {
        return i;
      }
    }
    return -1;
  }

  private void readNamed(@Nullable Object[] values, JsonParser in, Dialect dialect)
      throws IOException {
    Set<String> others = Set.of();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      Integer position = positions.get(key);
      in.nextToken();
      if (position == null) {
        others = ignore(key, others, in, dialect);
        continue;
      }
      Field field = fields.get(position);
      if (values[position] != null && !mayComeTwice(key, dialect)) {
        throw twice(key, in);
      }
      values[position] = readField(in, field, dialect);
    }
  }

  /**
   * Passes over a field that is not listed. The parser of JSON finds by itself what comes twice,
   * there and inside; that of MessagePack does not.
   *
   * @return the names passed over so far
   */
  private Set<String> ignore(String key, Set<String> others, JsonParser in, Dialect dialect)
      throws IOException {
    if (dialect == Dialect.JSON) {
      in.skipChildren();
      return others;
    }
    Set<String> more = others.isEmpty() ? new HashSet<>() : others;
    if (!more.add(key) && !mayComeTwice(key, dialect)) {
      throw twice(key, in);
    }
    Kind.ANY.read(in, false);
    return more;
  }

  private MalformedMessageException twice(String key, JsonParser in) {
    return new MalformedMessageException(
        name + "." + key + " comes twice", EventReader.offsetOf(in));
  }

  /** Zentinel 0.6.20 adds the id also where the event has one of its own; the last one counts. */
  private static boolean mayComeTwice(String key, Dialect dialect) {
    return dialect == Dialect.MESSAGE_PACK && key.equals(CORRELATION_ID);
  }

  /** Fields that are not written at the end are missing; what is beyond the last is ignored. */
  private void readPositional(@Nullable Object[] values, JsonParser in, Dialect dialect)
      throws IOException {
    for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
      if (i < values.length) {
        values[i] = readField(in, fields.get(i), dialect);
      } else {
        in.skipChildren();
      }
    }
  }

  private @Nullable Object readField(JsonParser in, Field field, Dialect dialect)
      throws IOException {
    if (!field.required() && in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    try {
      Struct nested = field.nested();
      Object value =
          nested == null ? field.kind().read(in, field.kept()) : nested.read(in, dialect);
      return value == null ? PRESENT : value;
    } catch (MalformedMessageException e) {
      throw e.within(name + "." + field.name());
    }
  }

  private void finish(@Nullable Object[] values, JsonParser in) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null && fields.get(i).required()) {
        throw new MalformedMessageException(
            name + "." + fields.get(i).name() + " is missing", EventReader.offsetOf(in));
      }
      if (values[i] == PRESENT) {
        values[i] = null;
      }
    }
  }
}
