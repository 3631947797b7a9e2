package io.postern.maildrop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Directories whose entries, and whose own entry in their parents, survive a power cut. */
final class DurableDirectories {
  private final Disk disk;
  private final Map<Path, Directory> known = new ConcurrentHashMap<>();

  DurableDirectories(Disk disk) {
    this.disk = disk;
  }

  /**
   * Makes a directory where it is missing, and flushes what names it. Parents come first, so where
   * a directory is there, whoever made it, only its own entry may be unflushed.
   */
  void require(Path path) throws IOException {
    if (known.containsKey(path) && disk.isDirectory(path)) {
      return;
    }
    Path parent = path.getParent();
    if (parent != null && !disk.isDirectory(path)) {
      require(parent);
      disk.makeDirectory(path);
    }
    if (parent != null && Files.isWritable(parent)) {
      flush(parent);
    }
    known.putIfAbsent(path, new Directory());
  }

  /**
   * Flushes the entries of a directory. Threads that wait share one flush: a hundred renames cost
   * two.
   */
  void flush(Path path) throws IOException {
    known.computeIfAbsent(path, unknown -> new Directory()).flush(path);
  }

  private final class Directory {
    private final AtomicLong asked = new AtomicLong();
    private long flushed;

    void flush(Path path) throws IOException {
      long mine = asked.incrementAndGet();
      synchronized (this) {
        if (flushed < mine) {
          long upTo = asked.get();
          disk.flushDirectory(path);
          flushed = upTo;
        }
      }
    }
  }
}
