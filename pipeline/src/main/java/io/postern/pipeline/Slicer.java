package io.postern.pipeline;

import io.postern.age.ChunkOpener;
import io.postern.age.Sink;
import java.util.function.Consumer;

/**
 * Cuts what a sealer writes into slices, between chunks: whoever opens a chunk has it whole then,
 * and need not keep a part of it. A slice is handed out only when more comes, so that the last one
 * is never empty.
 */
final class Slicer implements Sink {
  private final int sliceBytes;
  private final Consumer<byte[]> full;
  private final SliceBuffer buffer = new SliceBuffer();

  /**
   * @param sliceBytes the most of a slice; what the sealer writes at once and is longer is cut
   */
  Slicer(int sliceBytes, Consumer<byte[]> full) {
    this.sliceBytes = sliceBytes;
    this.full = full;
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      int count = Math.min(end - at, sliceBytes);
      if (buffer.length() > 0 && buffer.length() + count > sliceBytes) {
        full.accept(buffer.take());
      }
      buffer.write(octets, at, count);
      at += count;
    }
  }

  /** Whether a slice that is not full is worth a record of its own. */
  boolean hasChunk() {
    return buffer.length() >= ChunkOpener.SEALED_CHUNK_LENGTH;
  }

  /** What is left; the slicer is empty afterwards. */
  byte[] rest() {
    return buffer.take();
  }
}
