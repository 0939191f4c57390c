package io.sentinel.agent.wasm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The form of an entry of the module cache: the key, a checksum, and what is kept. A torn or
 * otherwise damaged file is told by them. They keep nobody out who can write to the file: whose it
 * is does that.
 */
final class CacheEntry {

  private static final int DIGEST_BYTES = 32;
  private static final int HEADER_BYTES = 2 * DIGEST_BYTES;

  private CacheEntry() {}

  /** An entry that holds this under the key. */
  static byte[] of(byte[] key, byte[] payload) {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .put(key)
        .put(checksum(key, payload, 0))
        .put(payload)
        .array();
  }

  /**
   * What an entry holds.
   *
   * @throws IOException if it is not whole, or another key's
   */
  static byte[] payload(byte[] key, byte[] entry) throws IOException {
    if (entry.length < HEADER_BYTES
        || !Arrays.equals(entry, 0, DIGEST_BYTES, key, 0, DIGEST_BYTES)
        || !Arrays.equals(
            entry,
            DIGEST_BYTES,
            HEADER_BYTES,
            checksum(key, entry, HEADER_BYTES),
            0,
            DIGEST_BYTES)) {
      throw new IOException("it is damaged");
    }
    return Arrays.copyOfRange(entry, HEADER_BYTES, entry.length);
  }

  private static byte[] checksum(byte[] key, byte[] bytes, int from) {
    MessageDigest digest = sha256();
    digest.update(key);
    digest.update(bytes, from, bytes.length - from);
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
