package io.sentinel.agent.wasm;

import static io.sentinel.agent.wasm.HostImport.u32;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.wasm.types.ValType;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * WASI preview 1, as far as a policy needs it: no arguments, no environment, no files; clocks,
 * random numbers, and an output that goes to the log. See "Why imports of our own?" in
 * RATIONALE.md.
 */
final class WasiImports {

  static final String MODULE = "wasi_snapshot_preview1";

  private static final int MOST_RANDOM_BYTES = 64 * 1024;
  private static final int CHUNK_BYTES = 1024;

  private final SecureRandom random = new SecureRandom();

  private WasiImports() {}

  static List<HostImport> all() {
    WasiImports own = new WasiImports();
    List<HostImport> all = new ArrayList<>();
    all.add(of("args_get", WasiImports::nothing, ValType.I32, ValType.I32));
    all.add(of("args_sizes_get", WasiImports::noSizes, ValType.I32, ValType.I32));
    all.add(of("environ_get", WasiImports::nothing, ValType.I32, ValType.I32));
    all.add(of("environ_sizes_get", WasiImports::noSizes, ValType.I32, ValType.I32));
    all.add(of("random_get", own::random, ValType.I32, ValType.I32));
    all.add(of("sched_yield", WasiImports::nothing));
    all.add(HostImport.of(MODULE, "proc_exit", List.of(ValType.I32), List.of(), WasiImports::exit));
    all.addAll(WasiClocks.all());
    all.addAll(WasiStreams.all());
    return List.copyOf(all);
  }

  /** A function of WASI's; all but one return an {@link Errno}. */
  static HostImport of(String name, HostImport.Code code, ValType... params) {
    return HostImport.of(MODULE, name, List.of(params), List.of(ValType.I32), code);
  }

  private static long nothing(GuestMemory memory, GuestLines lines, long[] args) {
    return Errno.SUCCESS;
  }

  private static long noSizes(GuestMemory memory, GuestLines lines, long[] args) {
    long countAt = u32(args[0]);
    long bytesAt = u32(args[1]);
    if (!memory.contains(countAt, Integer.BYTES) || !memory.contains(bytesAt, Integer.BYTES)) {
      return Errno.FAULT;
    }
    memory.writeI32((int) countAt, 0);
    memory.writeI32((int) bytesAt, 0);
    return Errno.SUCCESS;
  }

  private static long exit(GuestMemory memory, GuestLines lines, long[] args) {
    throw new GuestTrap("the module called proc_exit(" + u32(args[0]) + ")");
  }

  private long random(GuestMemory memory, GuestLines lines, long[] args) {
    long at = u32(args[0]);
    long length = u32(args[1]);
    if (length > MOST_RANDOM_BYTES) {
      return Errno.INVAL;
    }
    if (!memory.contains(at, length)) {
      return Errno.FAULT;
    }
    int to = (int) (at + length);
    for (int from = (int) at; from < to; from += CHUNK_BYTES) {
      if (Thread.currentThread().isInterrupted()) {
        throw new ChicoryInterruptedException("interrupted in random_get");
      }
      byte[] chunk = new byte[Math.min(CHUNK_BYTES, to - from)];
      random.nextBytes(chunk);
      System.arraycopy(chunk, 0, memory.array(), from, chunk.length);
    }
    return Errno.SUCCESS;
  }
}
