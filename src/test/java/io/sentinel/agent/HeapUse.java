package io.sentinel.agent;

import java.lang.management.ManagementFactory;

/** What the test's JVM keeps. */
public final class HeapUse {

  private HeapUse() {}

  /** Bytes in use after a full collection. */
  public static long now() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
