package io.sentinel.agent.wasm;

/**
 * What a module and its results may take. All sizes are in bytes.
 *
 * @param moduleBytes the module's file
 * @param memoryBytes all linear memories of one instance together
 * @param tableEntries all tables of one instance together
 * @param resultBytes the JSON a call returns
 * @param headerOps operations on headers in one result
 * @param headerNameBytes the name of a header
 * @param headerValueBytes the value of a header, and the target of a redirect
 * @param bodyBytes the body of a block
 * @param tags tags in one result
 * @param tagBytes one tag
 */
public record GuestLimits(
    int moduleBytes,
    int memoryBytes,
    int tableEntries,
    int resultBytes,
    int headerOps,
    int headerNameBytes,
    int headerValueBytes,
    int bodyBytes,
    int tags,
    int tagBytes) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /** What a memory limit may be: one page of memory, and what one array can safely hold. */
  public static final int MIN_MEMORY_BYTES = 64 * KIB;

  public static final int MAX_MEMORY_BYTES = 1024 * MIB;

  /** The limits that hold where the operator says nothing else. */
  public static final GuestLimits DEFAULT =
      new GuestLimits(32 * MIB, 16 * MIB, 65_536, MIB, 100, 256, 8 * KIB, 64 * KIB, 64, 256);

  public GuestLimits withMemoryBytes(int bytes) {
    return new GuestLimits(
        moduleBytes,
        bytes,
        tableEntries,
        resultBytes,
        headerOps,
        headerNameBytes,
        headerValueBytes,
        bodyBytes,
        tags,
        tagBytes);
  }
}
