package io.postern.pipeline;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The lowest offset of a partition that still belongs to an unfinished message: where a worker
 * starts again after a crash. Offsets above it that are finished are known too, so that a partition
 * can be read again without doing finished work twice. Not thread-safe.
 */
public final class LowWaterMark {
  private final NavigableSet<Long> unfinished = new TreeSet<>();
  private long next;

  /** Begins a partition at {@code start}: what lies below counts as finished. */
  public LowWaterMark(long start) {
    next = start;
  }

  /**
   * Notes that the record at {@code offset} has been read; it is unfinished from here on.
   *
   * @return false where it had been read before
   */
  public boolean read(long offset) {
    if (offset < next) {
      return false;
    }
    next = offset + 1;
    unfinished.add(offset);
    return true;
  }

  public void finish(long offset) {
    unfinished.remove(offset);
  }

  public void finish(Collection<Long> offsets) {
    offsets.forEach(unfinished::remove);
  }

  public boolean isFinished(long offset) {
    return offset < next && !unfinished.contains(offset);
  }

  /** The mark: the lowest unfinished offset, or the next to be read where all are finished. */
  public long offset() {
    return unfinished.isEmpty() ? next : unfinished.first();
  }
}
