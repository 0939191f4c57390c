package io.sentinel.agent.wasm;

import static io.sentinel.agent.wasm.HostImport.u32;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.wasm.types.ValType;
import java.time.Instant;
import java.util.List;

/** Two clocks, and waiting for them. Waiting ends with the thread's interrupt, at the latest. */
final class WasiClocks {

  private static final long REALTIME = 0;
  private static final long MONOTONIC = 1;
  private static final long REALTIME_RESOLUTION = 1_000;
  private static final long SECOND = 1_000_000_000;

  private static final int MOST_SUBSCRIPTIONS = 64;

  private static final int SUBSCRIPTION_BYTES = 48;
  private static final int KIND_OFFSET = 8;
  private static final int CLOCK_OFFSET = 16;
  private static final int TIME_OFFSET = 24;
  private static final int FLAGS_OFFSET = 40;
  private static final int ABSOLUTE = 1;
  private static final int CLOCK_KIND = 0;

  private static final int EVENT_BYTES = 32;
  private static final int ERROR_OFFSET = 8;
  private static final int EVENT_KIND_OFFSET = 10;

  /** What the monotonic clock counts from; guests shall not learn how long the host is up. */
  private final long origin = System.nanoTime();

  private WasiClocks() {}

  static List<HostImport> all() {
    WasiClocks own = new WasiClocks();
    ValType i32 = ValType.I32;
    return List.of(
        WasiImports.of("clock_res_get", WasiClocks::resolution, i32, i32),
        WasiImports.of("clock_time_get", own::time, i32, ValType.I64, i32),
        WasiImports.of("poll_oneoff", own::poll, i32, i32, i32, i32));
  }

  private static boolean isClock(long clock) {
    return clock == REALTIME || clock == MONOTONIC;
  }

  private long now(long clock) {
    if (clock == MONOTONIC) {
      return System.nanoTime() - origin + 1; // guests may take 0 for a clock that fails
    }
    Instant now = Instant.now();
    return now.getEpochSecond() * SECOND + now.getNano();
  }

  private static long resolution(GuestMemory memory, GuestLines lines, long[] args) {
    long clock = u32(args[0]);
    return store(memory, clock, u32(args[1]), clock == REALTIME ? REALTIME_RESOLUTION : 1);
  }

  private long time(GuestMemory memory, GuestLines lines, long[] args) {
    long clock = u32(args[0]);
    return store(memory, clock, u32(args[2]), now(clock));
  }

  private static long store(GuestMemory memory, long clock, long at, long value) {
    if (!isClock(clock)) {
      return Errno.INVAL;
    }
    if (!memory.contains(at, Long.BYTES)) {
      return Errno.FAULT;
    }
    memory.writeLong((int) at, value);
    return Errno.SUCCESS;
  }

  private long poll(GuestMemory memory, GuestLines lines, long[] args) {
    long in = u32(args[0]);
    long out = u32(args[1]);
    long count = u32(args[2]);
    long countAt = u32(args[3]);
    if (count == 0 || count > MOST_SUBSCRIPTIONS) {
      return Errno.INVAL;
    }
    if (!memory.contains(in, count * SUBSCRIPTION_BYTES)
        || !memory.contains(out, count * EVENT_BYTES)
        || !memory.contains(countAt, Integer.BYTES)) {
      return Errno.FAULT;
    }
    long began = System.nanoTime();
    long left = left(memory, in, count, began);
    while (left > 0) {
      sleep(left);
      left = left(memory, in, count, began);
    }
    memory.writeI32((int) countAt, events(memory, in, out, count, began));
    return Errno.SUCCESS;
  }

  /** The nanoseconds until the first of them is due. */
  private long left(GuestMemory memory, long in, long count, long began) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, left(memory, (int) in + i * SUBSCRIPTION_BYTES, began));
    }
    return least;
  }

  /** What cannot be waited for is due at once, with an error. */
  private long left(GuestMemory memory, int subscription, long began) {
    if (error(memory, subscription) != Errno.SUCCESS) {
      return 0;
    }
    long time = memory.readLong(subscription + TIME_OFFSET);
    if (time < 0) { // it is unsigned: in three hundred years
      return Long.MAX_VALUE;
    }
    boolean absolute = (memory.readU16(subscription + FLAGS_OFFSET) & ABSOLUTE) != 0;
    long clock = u32(memory.readInt(subscription + CLOCK_OFFSET));
    return absolute ? time - now(clock) : time - (System.nanoTime() - began);
  }

  private static int error(GuestMemory memory, int subscription) {
    if (memory.read(subscription + KIND_OFFSET) != CLOCK_KIND) {
      return Errno.NOTSUP;
    }
    return isClock(u32(memory.readInt(subscription + CLOCK_OFFSET))) ? Errno.SUCCESS : Errno.INVAL;
  }

  private int events(GuestMemory memory, long in, long out, long count, long began) {
    int events = 0;
    for (int i = 0; i < count; i++) {
      int subscription = (int) in + i * SUBSCRIPTION_BYTES;
      if (left(memory, subscription, began) <= 0) {
        int error = error(memory, subscription);
        byte kind = memory.read(subscription + KIND_OFFSET);
        long userdata = memory.readLong(subscription);
        int event = (int) out + events * EVENT_BYTES;
        memory.fill((byte) 0, event, event + EVENT_BYTES);
        memory.writeLong(event, userdata);
        memory.writeShort(event + ERROR_OFFSET, (short) error);
        memory.writeByte(event + EVENT_KIND_OFFSET, kind);
        events++;
      }
    }
    return events;
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      // Whoever interrupted looks for the flag, and so does the engine.
      Thread.currentThread().interrupt();
      throw new ChicoryInterruptedException("interrupted in poll_oneoff", e);
    }
  }
}
