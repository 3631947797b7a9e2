package io.postern.maildrop;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Directories whose entries, and whose own entry in their parents, survive a power cut. */
final class DurableDirectories {
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Map<Path, Directory> known = new ConcurrentHashMap<>();

  /**
   * Makes a directory where it is missing, and flushes what names it. Parents come first, so where
   * a directory is there, whoever made it, only its own entry may be unflushed.
   */
  void require(Path path) throws IOException {
    if (known.containsKey(path) && Files.isDirectory(path)) {
      return;
    }
    Path parent = path.getParent();
    if (parent != null && !Files.isDirectory(path)) {
      require(parent);
      Files.createDirectories(path, PRIVATE);
    }
    if (parent != null && Files.isWritable(parent)) {
      flush(parent);
    }
    known.putIfAbsent(path, new Directory(path));
  }

  /**
   * Flushes the entries of a directory. Threads that wait share one flush: a hundred renames cost
   * two.
   *
   * @return true
   */
  boolean flush(Path path) throws IOException {
    known.computeIfAbsent(path, Directory::new).flush();
    return true;
  }

  private static final class Directory {
    private final Path path;
    private final AtomicLong asked = new AtomicLong();
    private long flushed;

    Directory(Path path) {
      this.path = path;
    }

    void flush() throws IOException {
      long mine = asked.incrementAndGet();
      synchronized (this) {
        if (flushed < mine) {
          long upTo = asked.get();
          try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
          }
          flushed = upTo;
        }
      }
    }
  }
}
