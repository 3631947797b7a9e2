package io.postern.maildrop;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Files of deleted objects that wait to be overwritten, bounded in number and in octets; which were
 * taken last come first, since memory still holds them.
 */
final class Spares {
  /** As many as an archiver may fetch in one go. */
  static final int MAX_FILES = 16_384;

  /** A file of a deleted object. */
  record Spare(Path path, long sizeBytes) {}

  private final long maxBytes;

  /** By the number of binary digits of their sizes. */
  private final List<Deque<Spare>> bySize =
      IntStream.rangeClosed(0, Long.SIZE).<Deque<Spare>>mapToObj(i -> new ArrayDeque<>()).toList();

  private int files;
  private long bytes;

  /**
   * None yet.
   *
   * @param maxBytes of all together, on the disk
   */
  Spares(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** How many more it would take, were they small enough. */
  synchronized int room() {
    return MAX_FILES - files;
  }

  /** Says whether there was room for it. */
  synchronized boolean offer(Spare spare) {
    if (files == MAX_FILES || spare.sizeBytes > maxBytes - bytes) {
      return false;
    }
    bySize.get(digits(spare.sizeBytes)).push(spare);
    files++;
    bytes += spare.sizeBytes;
    return true;
  }

  /**
   * The best there is for an object.
   *
   * @param wantedBytes where there is none so large, a smaller one is better than none
   * @param mostBytes a file with a digit more is not wanted
   */
  synchronized Optional<Spare> poll(long wantedBytes, long mostBytes) {
    int wanted = digits(wantedBytes);
    return IntStream.concat(
            IntStream.rangeClosed(wanted, digits(mostBytes)),
            IntStream.rangeClosed(1, wanted).map(fewer -> wanted - fewer))
        .mapToObj(bySize::get)
        .filter(spares -> !spares.isEmpty())
        .findFirst()
        .map(this::pop);
  }

  private Spare pop(Deque<Spare> from) {
    Spare spare = from.pop();
    files--;
    bytes -= spare.sizeBytes;
    return spare;
  }

  /** Takes all of them out. */
  synchronized Collection<Spare> drain() {
    List<Spare> all = new ArrayList<>();
    for (Deque<Spare> spares : bySize) {
      all.addAll(spares);
      spares.clear();
    }
    files = 0;
    bytes = 0;
    return all;
  }

  private static int digits(long size) {
    return Long.SIZE - Long.numberOfLeadingZeros(size);
  }
}
