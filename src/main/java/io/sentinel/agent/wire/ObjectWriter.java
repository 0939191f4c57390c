package io.sentinel.agent.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What answers are written with: objects of fields, lists, texts, numbers. */
public interface ObjectWriter {

  void beginObject();

  void endObject();

  void beginList();

  void endList();

  void name(FieldName name);

  /** A name that is not known beforehand. */
  void name(String name);

  void text(String text);

  void number(int number);

  void bool(boolean value);

  void nothing();

  /** Writes with Jackson, in whatever format the generator has. */
  static ObjectWriter of(JsonGenerator out) {
    return new Generated(out);
  }

  /** A field's name, ready to be written. */
  final class FieldName {

    private final String text;
    private final byte[] json;

    FieldName(String text) {
      this.text = text;
      this.json = ('"' + text + "\":").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** The name with its quotes and its colon. */
    byte[] json() {
      return json;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** See {@link #of}. */
  final class Generated implements ObjectWriter {

    private final JsonGenerator out;

    private Generated(JsonGenerator out) {
      this.out = out;
    }

    private interface Step {
      void run() throws IOException;
    }

    private static void write(Step step) {
      try {
        step.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // never thrown: the generator writes to memory
      }
    }

    @Override
    public void beginObject() {
      write(out::writeStartObject);
    }

    @Override
    public void endObject() {
      write(out::writeEndObject);
    }

    @Override
    public void beginList() {
      write(out::writeStartArray);
    }

    @Override
    public void endList() {
      write(out::writeEndArray);
    }

    @Override
    public void name(FieldName name) {
      name(name.toString());
    }

    @Override
    public void name(String name) {
      write(() -> out.writeFieldName(name));
    }

    @Override
    public void text(String text) {
      write(() -> out.writeString(text));
    }

    @Override
    public void number(int number) {
      write(() -> out.writeNumber(number));
    }

    @Override
    public void bool(boolean value) {
      write(() -> out.writeBoolean(value));
    }

    @Override
    public void nothing() {
      write(out::writeNull);
    }
  }
}
