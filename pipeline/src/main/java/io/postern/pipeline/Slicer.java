package io.postern.pipeline;

import io.postern.age.Sink;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts a stream of octets into slices of one size. A full slice is handed out only when more comes,
 * so that the last one is never empty. The first buffer grows with the content; after a full one
 * the next is likely to be filled, too.
 */
final class Slicer implements Sink {
  private static final int FIRST_BUFFER_BYTES = 4 * 1024;

  private final int sliceBytes;
  private final Consumer<byte[]> full;
  private byte[] buffer = new byte[0];
  private int filled;
  private boolean isLong;

  Slicer(int sliceBytes, Consumer<byte[]> full) {
    this.sliceBytes = sliceBytes;
    this.full = full;
  }

  @Override
  public void write(byte[] octets, int offset, int length) {
    int done = 0;
    while (done < length) {
      if (filled == sliceBytes) {
        full.accept(rest());
        isLong = true;
      }
      int count = Math.min(length - done, sliceBytes - filled);
      reserve(filled + count);
      System.arraycopy(octets, offset + done, buffer, filled, count);
      filled += count;
      done += count;
    }
  }

  boolean isHalfFull() {
    return filled >= sliceBytes / 2;
  }

  /** What is left; the slicer is empty afterwards. */
  byte[] rest() {
    byte[] slice = filled == buffer.length ? buffer : Arrays.copyOf(buffer, filled);
    buffer = new byte[0];
    filled = 0;
    return slice;
  }

  private void reserve(int wanted) {
    if (wanted > buffer.length) {
      int doubled = Math.max(wanted, Math.max(FIRST_BUFFER_BYTES, 2 * buffer.length));
      buffer = Arrays.copyOf(buffer, isLong ? sliceBytes : Math.min(sliceBytes, doubled));
    }
  }
}
