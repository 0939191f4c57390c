package io.sentinel.agent.wasm;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a script came to no decision.
 *
 * @param message one line: where in the script, and what
 * @param outOfMemory whether the engine could not have the memory that it wanted
 */
record ScriptFailure(String message, boolean outOfMemory) {

  /**
   * What an engine told.
   *
   * @param script the script's name, by which its places are found in the other two
   * @param message what was thrown, as a text; in Lua with the place before it
   * @param trace the stack, topmost function first; may be empty
   */
  static ScriptFailure of(String script, String message, String trace, boolean outOfMemory) {
    Pattern place = Pattern.compile(Pattern.quote(script) + ":(\\d+)(?::(\\d+))?");
    Matcher inMessage = place.matcher(message);
    if (inMessage.lookingAt()) {
      String rest = message.substring(inMessage.end()).replaceFirst("^:? ?", "");
      return new ScriptFailure(inMessage.group() + ": " + rest, outOfMemory);
    }
    Matcher inTrace = place.matcher(trace);
    String where = inTrace.find() ? inTrace.group() : script;
    return new ScriptFailure(where + ": " + message, outOfMemory);
  }
}
