package io.sentinel.agent.wasm;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A script as its file has it.
 *
 * @param name the file's, for messages
 * @param source in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Script(ScriptEngine engine, String name, byte[] source) {

  /** Far more than a policy has; the engines need several times as much memory for it. */
  static final int MOST_BYTES = 1024 * 1024;

  /**
   * A script of that file.
   *
   * @throws ModuleException if it is no text
   */
  static Script of(ScriptEngine engine, Path file, byte[] source) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(source));
    } catch (CharacterCodingException e) {
      throw new ModuleException("it is not UTF-8", e);
    }
    return new Script(engine, String.valueOf(file.getFileName()), source);
  }

  /** As the engines take it: name, NUL, source, NUL. */
  byte[] nameAndSource() {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(nameBytes.length + source.length + 2)
        .put(nameBytes)
        .put((byte) 0)
        .put(source)
        .put((byte) 0)
        .array();
  }
}
