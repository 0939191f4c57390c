package io.sentinel.agent.wasm;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.text.JsonEscaper;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes what a module is given: an event as JSON in UTF-8, into a buffer that is used again and
 * again. The reference writes the same fields.
 */
final class GuestInput {

  private static final int INITIAL_BYTES = 1024;
  private static final int MOST_KEPT_BYTES = 256 * 1024;

  private static final byte[] METHOD = ascii("{\"method\":");
  private static final byte[] URI = ascii(",\"uri\":");
  private static final byte[] CLIENT_IP = ascii(",\"client_ip\":");
  private static final byte[] STATUS = ascii("{\"status\":");
  private static final byte[] CORRELATION_ID = ascii(",\"correlation_id\":");
  private static final byte[] HEADERS = ascii(",\"headers\":{");
  private static final byte[] BETWEEN_VALUES = ascii(", ");
  private static final byte[] END = ascii("}}");

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** One large event shall not be paid for ever. */
  void forget() {
    if (bytes.length > MOST_KEPT_BYTES) {
      bytes = new byte[INITIAL_BYTES];
    }
  }

  /** {@code {"method","uri","client_ip","correlation_id","headers":{name:value}}}. */
  void write(AgentEvent.RequestHeaders request) {
    length = 0;
    raw(METHOD);
    text(request.method());
    raw(URI);
    text(request.uri());
    raw(CLIENT_IP);
    text(bareIp(request.clientIp()));
    raw(CORRELATION_ID);
    text(request.correlationId());
    headers(request.headers());
  }

  /** {@code {"status","correlation_id","headers":{name:value}}}. */
  void write(AgentEvent.ResponseHeaders response) {
    length = 0;
    raw(STATUS);
    raw(ascii(Integer.toString(response.status())));
    raw(CORRELATION_ID);
    text(response.correlationId());
    headers(response.headers());
  }

  /** Several values of a header are joined, as the reference does. */
  private void headers(List<Header> headers) {
    raw(HEADERS);
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      if (i > 0) {
        put(',');
      }
      text(header.name());
      put(':');
      put('"');
      List<String> values = header.values();
      for (int j = 0; j < values.size(); j++) {
        if (j > 0) {
          raw(BETWEEN_VALUES);
        }
        inside(values.get(j));
      }
      put('"');
    }
    raw(END);
  }

  /**
   * The address alone, of {@code v4:port} and {@code [v6]:port}; anything else as it is, for the
   * proxies' older versions send bare addresses.
   */
  static String bareIp(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 0 || !isPort(address, colon + 1)) {
      return address;
    }
    if (address.startsWith("[") && address.charAt(colon - 1) == ']') {
      return address.substring(1, colon - 1);
    }
    return isV4(address, colon) ? address.substring(0, colon) : address;
  }

  private static boolean isPort(String address, int from) {
    for (int i = from; i < address.length(); i++) {
      if (!isDigit(address.charAt(i))) {
        return false;
      }
    }
    return from < address.length();
  }

  private static boolean isV4(String address, int end) {
    int dots = 0;
    for (int i = 0; i < end; i++) {
      char c = address.charAt(i);
      if (c == '.') {
        dots++;
      } else if (!isDigit(c)) {
        return false;
      }
    }
    return dots == 3;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void text(String text) {
    put('"');
    inside(text);
    put('"');
  }

  /** The inside of a JSON string. */
  private void inside(String text) {
    int characters = text.length();
    if (characters <= JsonEscaper.SHORT) {
      room(characters);
      if (JsonEscaper.writePlain(text, bytes, length)) {
        length += characters;
        return;
      }
    }
    raw(JsonEscaper.escaped(text));
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  private void raw(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
