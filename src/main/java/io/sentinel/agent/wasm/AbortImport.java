package io.sentinel.agent.wasm;

import static io.sentinel.agent.wasm.HostImport.u32;

import com.dylibso.chicory.wasm.types.ValType;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/**
 * {@code env.abort(message, file, line, column)}, which AssemblyScript's failed assertions call: a
 * trap that says so. A text is UTF-16, and the four bytes before it are its length in bytes.
 */
final class AbortImport {

  /** Of the message; the log would not take more. */
  private static final int MOST_BYTES = 400;

  /** Of the file's name. */
  private static final int MOST_FILE_BYTES = 200;

  private static final int LENGTH_BYTES = 4;

  private AbortImport() {}

  static List<HostImport> all() {
    return List.of(
        HostImport.of(
            "env",
            "abort",
            Collections.nCopies(4, ValType.I32),
            List.of(),
            (memory, lines, args) -> {
              throw new GuestTrap(
                  // The place comes first: a long message is cut at its end.
                  "abort at "
                      + text(memory, u32(args[1]), MOST_FILE_BYTES)
                      + ":"
                      + u32(args[2])
                      + ":"
                      + u32(args[3])
                      + ": "
                      + text(memory, u32(args[0]), MOST_BYTES));
            }));
  }

  private static String text(GuestMemory memory, long at, int mostBytes) {
    if (at < LENGTH_BYTES || !memory.contains(at - LENGTH_BYTES, LENGTH_BYTES)) {
      return "?";
    }
    long length = Math.min(u32(memory.readInt((int) at - LENGTH_BYTES)), mostBytes);
    if (!memory.contains(at, length)) {
      return "?";
    }
    return new String(memory.array(), (int) at, (int) length, StandardCharsets.UTF_16LE);
  }
}
