package io.sentinel.agent.wire;

import java.nio.charset.StandardCharsets;

/** Writes JSON straight into a frame. */
public final class JsonWriter implements ObjectWriter {

  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] NULL = ascii("null");

  private final FrameBuffer out;

  /** Whether something stands before what comes next, in the same object or list. */
  private boolean comma;

  public JsonWriter(FrameBuffer out) {
    this.out = out;
  }

  @Override
  public void beginObject() {
    begin('{');
  }

  @Override
  public void endObject() {
    end('}');
  }

  @Override
  public void beginList() {
    begin('[');
  }

  @Override
  public void endList() {
    end(']');
  }

  @Override
  public void name(FieldName name) {
    separate();
    out.write(name.json());
  }

  @Override
  public void name(String name) {
    separate();
    quoted(name);
    out.write(':');
  }

  @Override
  public void text(String text) {
    separate();
    quoted(text);
    comma = true;
  }

  @Override
  public void number(int number) {
    value(ascii(Integer.toString(number)));
  }

  @Override
  public void bool(boolean value) {
    value(value ? TRUE : FALSE);
  }

  @Override
  public void nothing() {
    value(NULL);
  }

  private void value(byte[] text) {
    separate();
    out.write(text);
    comma = true;
  }

  private void quoted(String text) {
    out.write('"');
    out.writeEscaped(text);
    out.write('"');
  }

  private void begin(char mark) {
    separate();
    out.write(mark);
  }

  private void end(char mark) {
    out.write(mark);
    comma = true;
  }

  private void separate() {
    if (comma) {
      out.write(',');
      comma = false;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
