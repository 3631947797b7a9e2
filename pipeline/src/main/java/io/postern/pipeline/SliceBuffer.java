package io.postern.pipeline;

import io.postern.age.ChunkOpener;
import io.postern.age.Sink;
import java.util.Arrays;

/**
 * Collects what a sealer writes, a header and chunk after chunk, until it leaves as a slice. Not
 * for small pieces: it grows by what comes.
 */
public final class SliceBuffer implements Sink {
  private static final byte[] NOTHING = {};

  private byte[] octets = NOTHING;
  private int length;

  @Override
  public void write(byte[] sealed, int offset, int count) {
    if (octets.length - length < count) {
      // Mostly a slice has two full chunks: then nothing is copied twice.
      int more = count == ChunkOpener.SEALED_CHUNK_LENGTH ? 2 * count : count;
      octets = Arrays.copyOf(octets, length + more);
    }
    System.arraycopy(sealed, offset, octets, length, count);
    length += count;
  }

  int length() {
    return length;
  }

  /** What has come since the last call. */
  public byte[] take() {
    byte[] slice = length == octets.length ? octets : Arrays.copyOf(octets, length);
    octets = NOTHING;
    length = 0;
    return slice;
  }
}
