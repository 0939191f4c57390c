package io.sentinel.agent.fuzz;

import static io.sentinel.agent.fuzz.Properties.check;
import static io.sentinel.agent.fuzz.Properties.checkEqual;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sentinel.agent.text.JsonText;
import io.sentinel.agent.text.LogText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Any bytes as JSON text, and as text for the log. */
public final class TextFuzz {

  private static final ObjectMapper JSON = new ObjectMapper();

  private TextFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    boolean found = JsonText.problem(input, 0, input.length).isPresent();
    String text = utf8(input);
    if (text == null) {
      check(found, "what is not UTF-8 was let through");
    } else {
      String log = LogText.of(text);
      check(log.length() <= 200 * 6 + 40, "a line of " + log.length() + " characters");
      check(log.chars().noneMatch(Character::isISOControl), "a control character came out");
      check(log.equals(LogText.of(log)) || log.length() > 200, "escaped twice differs");
      String json = json(text);
      if (json != null) {
        checkEqual(hasLoneSurrogate(json), found, "half a surrogate pair in " + text);
      }
    }
    // A window into a larger array: what is around it does not count.
    byte[] larger = new byte[input.length + 3];
    larger[0] = (byte) 0xff;
    larger[input.length + 1] = '\\';
    larger[input.length + 2] = (byte) 0xff;
    System.arraycopy(input, 0, larger, 1, input.length);
    checkEqual(
        JsonText.problem(input, 0, input.length),
        JsonText.problem(larger, 1, input.length),
        "the same in a window");
  }

  private static String utf8(byte[] input) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The input as the content of a JSON string, if it can be one. */
  private static String json(String text) {
    if (text.indexOf('"') >= 0) {
      return null;
    }
    try {
      return JSON.readValue("\"" + text + "\"", String.class);
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean hasLoneSurrogate(String text) {
    return !StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
