package io.postern.age;

import java.util.Arrays;

/**
 * An array for one chunk, which a thread uses again and again: thousands of idle openers hold none,
 * and it stays in the processor's cache. Holds no plaintext afterwards.
 */
final class SpareChunk implements AutoCloseable {
  private static final ThreadLocal<SpareChunk> OF_THREAD = ThreadLocal.withInitial(SpareChunk::new);

  private final byte[] octets = new byte[PayloadCipher.CHUNK_LENGTH];
  private boolean taken;

  /** The thread's own, or another one while that is in use: a sink may open something, too. */
  static SpareChunk take() {
    SpareChunk own = OF_THREAD.get();
    SpareChunk spare = own.taken ? new SpareChunk() : own;
    spare.taken = true;
    return spare;
  }

  byte[] octets() {
    return octets;
  }

  @Override
  public void close() {
    Arrays.fill(octets, (byte) 0);
    taken = false;
  }
}
