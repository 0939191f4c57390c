package io.sentinel.agent.wasm;

import static io.sentinel.agent.wasm.HostImport.u32;

import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/**
 * The three file descriptors there are: 0 is at its end, 1 and 2 go to the log. To C libraries they
 * are terminals, so that these write line by line, and not when a program ends that never does.
 */
final class WasiStreams {

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** As many pieces as writev takes elsewhere. Of more these are written, and it is said so. */
  private static final int MOST_IOVECS = 1024;

  private static final int IOVEC_BYTES = 8;

  private static final int FDSTAT_BYTES = 24;
  private static final int RIGHTS_OFFSET = 8;
  private static final int INHERITED_OFFSET = 16;
  private static final int CHARACTER_DEVICE = 2;
  private static final long MAY_READ = 1 << 1;
  private static final long MAY_WRITE = 1 << 6;

  private WasiStreams() {}

  static List<HostImport> all() {
    ValType i32 = ValType.I32;
    return List.of(
        WasiImports.of("fd_write", WasiStreams::write, i32, i32, i32, i32),
        WasiImports.of("fd_read", WasiStreams::read, i32, i32, i32, i32),
        WasiImports.of("fd_close", (_, _, args) -> known(args[0], Errno.SUCCESS), i32),
        WasiImports.of(
            "fd_seek", (_, _, args) -> known(args[0], Errno.SPIPE), i32, ValType.I64, i32, i32),
        WasiImports.of("fd_fdstat_get", WasiStreams::status, i32, i32),
        WasiImports.of(
            "fd_fdstat_set_flags", (_, _, args) -> known(args[0], Errno.SUCCESS), i32, i32),
        WasiImports.of("fd_prestat_get", (_, _, _) -> Errno.BADF, i32, i32),
        WasiImports.of("fd_prestat_dir_name", (_, _, _) -> Errno.BADF, i32, i32, i32));
  }

  private static long known(long fd, int result) {
    return u32(fd) <= STDERR ? result : Errno.BADF;
  }

  /**
   * Says that all it looked at was written, what the log does not take included: else guests try
   * for ever. A vector that is not in the memory is a module gone wrong, and a trap: a number that
   * no C library expects would only be looked at by a module that is right.
   */
  private static long write(GuestMemory memory, GuestLines lines, long[] args) {
    long fd = u32(args[0]);
    long at = u32(args[1]);
    long count = u32(args[2]);
    long writtenAt = u32(args[3]);
    if (fd != STDOUT && fd != STDERR) {
      return Errno.BADF;
    }
    if (!memory.contains(at, count * IOVEC_BYTES)) {
      throw new GuestTrap(
          "fd_write: %d vectors at %d are more than the memory holds".formatted(count, at));
    }
    if (!memory.contains(writtenAt, Integer.BYTES)) {
      return Errno.FAULT;
    }
    int stream = fd == STDOUT ? GuestLines.OUT : GuestLines.ERR;
    long end = at + Math.min(count, MOST_IOVECS) * IOVEC_BYTES;
    long total = 0;
    for (long iovec = at; iovec < end; iovec += IOVEC_BYTES) {
      long base = base(memory, iovec);
      long length = length(memory, iovec);
      if (!memory.contains(base, length)) {
        throw new GuestTrap(
            "fd_write: a vector of %d bytes at %d is more than the memory holds"
                .formatted(length, base));
      }
      total += length;
      if (total > Integer.MAX_VALUE) {
        throw new GuestTrap("fd_write: over 2 GiB in one call");
      }
      lines.write(stream, memory.array(), (int) base, (int) length);
    }
    memory.writeI32((int) writtenAt, (int) total);
    return Errno.SUCCESS;
  }

  private static long base(GuestMemory memory, long iovec) {
    return u32(memory.readInt((int) iovec));
  }

  private static long length(GuestMemory memory, long iovec) {
    return u32(memory.readInt((int) iovec + Integer.BYTES));
  }

  /** Where it should read to is of no interest: there is nothing. */
  private static long read(GuestMemory memory, GuestLines lines, long[] args) {
    long readAt = u32(args[3]);
    if (u32(args[0]) != STDIN) {
      return Errno.BADF;
    }
    if (!memory.contains(readAt, Integer.BYTES)) {
      return Errno.FAULT;
    }
    memory.writeI32((int) readAt, 0);
    return Errno.SUCCESS;
  }

  private static long status(GuestMemory memory, GuestLines lines, long[] args) {
    long fd = u32(args[0]);
    long at = u32(args[1]);
    if (fd > STDERR) {
      return Errno.BADF;
    }
    if (!memory.contains(at, FDSTAT_BYTES)) {
      return Errno.FAULT;
    }
    memory.writeLong((int) at, CHARACTER_DEVICE);
    memory.writeLong((int) at + RIGHTS_OFFSET, fd == STDIN ? MAY_READ : MAY_WRITE);
    memory.writeLong((int) at + INHERITED_OFFSET, 0);
    return Errno.SUCCESS;
  }
}
