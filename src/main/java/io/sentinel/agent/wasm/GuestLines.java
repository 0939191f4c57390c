package io.sentinel.agent.wasm;

import io.sentinel.agent.message.AgentEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects what one guest writes in one call to lines, in bounds, and passes them on when the call
 * is over: a guest may write at the very end of its stack, where logging would end half-way.
 */
final class GuestLines {

  static final int OUT = 0;
  static final int ERR = 1;

  /** What is kept of a line. */
  static final int LINE_BYTES = 512;

  /** The lines kept of a call; a Go program's panic takes about thirty. */
  static final int LINES = 40;

  /** The bytes looked at in a call, kept or not. */
  static final int CALL_BYTES = 64 * 1024;

  private final GuestOutput output;
  private final Stream[] streams = {new Stream(), new Stream()};
  private final List<String> lines = new ArrayList<>();
  private int bytesLeft = CALL_BYTES;
  private long lost;

  GuestLines(GuestOutput output) {
    this.output = output;
  }

  /** Takes a piece of what is written; its end need not be a line's. */
  void write(int stream, byte[] bytes, int from, int length) {
    int looked = Math.min(length, bytesLeft);
    bytesLeft -= looked;
    lost += length - looked;
    for (int i = from; i < from + looked; i++) {
      streams[stream].add(bytes[i]);
    }
  }

  /** Ends the lines that have no end, and passes all on. */
  void end(Optional<AgentEvent> event) {
    if (bytesLeft == CALL_BYTES && lost == 0) {
      return;
    }
    for (Stream stream : streams) {
      stream.endLine();
    }
    try {
      for (String line : lines) {
        output.line(event, line);
      }
      if (lost > 0) {
        output.lost(event, lost);
      }
    } finally {
      lines.clear();
      bytesLeft = CALL_BYTES;
      lost = 0;
    }
  }

  /** The line that is being written. */
  private final class Stream {

    private byte[] line = {};
    private int length;

    void add(byte b) {
      if (b == '\n') {
        endLine();
      } else if (length == LINE_BYTES || lines.size() == LINES) {
        lost++;
      } else {
        if (line.length == 0) {
          line = new byte[LINE_BYTES];
        }
        line[length++] = b;
      }
    }

    /** Lines with nothing in them are left out. */
    void endLine() {
      if (length > 0 && lines.size() < LINES) {
        lines.add(new String(line, 0, length, StandardCharsets.UTF_8));
      } else {
        lost += length;
      }
      length = 0;
    }
  }
}
