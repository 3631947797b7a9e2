package io.postern.maildrop;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place for files that are not complete yet, and for emptied ones of objects that were deleted:
 * they are used again. A file system that gives out no inode that was in use a minute ago, as ext4
 * does, looks at each of them whenever a file is made; where an archiver deletes what it fetches, a
 * new file takes ten times as long as a used one. Every process that has it open holds a shared
 * lock on it; whoever finds itself alone at the start knows that what lies there is left over.
 */
final class Incoming implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  /** A file in use may be read while its object is deleted: one this small in a single read. */
  private static final long MAX_SPARE_BYTES = 128 * 1024;

  private static final int MAX_SPARES = 16_384;

  private final Disk disk;
  private final Path directory;
  private final FileChannel lock;
  private final BlockingQueue<Path> spares = new ArrayBlockingQueue<>(MAX_SPARES);

  /** What this store's names start with, and how many it has given: no two stores share one. */
  private final String prefix = UUID.randomUUID().toString();

  private final AtomicLong given = new AtomicLong();

  Incoming(Disk disk, Path directory) throws IOException {
    this.disk = disk;
    this.directory = directory;
    disk.makeDirectory(directory);
    this.lock =
        FileChannel.open(
            directory.resolve("lock"), Set.of(CREATE, READ, WRITE), LocalDisk.PRIVATE_FILE);
    try {
      FileLock alone = lock.tryLock();
      if (alone != null) {
        clear();
        alone.release();
      }
      lock.lock(0, Long.MAX_VALUE, true);
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is open in this process already", directory);
    }
  }

  private void clear() throws IOException {
    try (DirectoryStream<Path> leftOver = Files.newDirectoryStream(directory, "*.part")) {
      for (Path file : leftOver) {
        Files.deleteIfExists(file);
      }
    }
  }

  NewFile newFile() throws IOException {
    Path spare = spares.poll();
    if (spare != null) {
      return new NewFile(disk, spare, disk.reuse(spare));
    }
    Path path = newPath();
    return new NewFile(disk, path, disk.create(path));
  }

  private Path newPath() {
    return directory.resolve(prefix + "-" + given.incrementAndGet() + ".part");
  }

  /**
   * Takes the file of an object that is deleted from its place. It is not touched before {@link
   * #keep}: until the directory is flushed a power cut may bring its name back.
   *
   * @param taken gets it where it can be used again
   * @return whether it was there
   */
  boolean take(Path file, Collection<Path> taken) throws IOException {
    try {
      if (!usable(file) || spares.remainingCapacity() <= taken.size()) {
        return disk.delete(file);
      }
      Path spare = newPath();
      disk.move(file, spare);
      taken.add(spare);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** A file with a second name is somebody's copy, which must not become another's mail. */
  private static boolean usable(Path file) throws IOException {
    Map<String, Object> about = Files.readAttributes(file, "unix:size,nlink", NOFOLLOW_LINKS);
    return (long) about.get("size") <= MAX_SPARE_BYTES && (int) about.get("nlink") == 1;
  }

  /** Empties what was taken, for use. */
  void keep(Collection<Path> taken) throws IOException {
    for (Path spare : taken) {
      disk.truncate(spare);
      if (!spares.offer(spare)) {
        disk.delete(spare);
      }
    }
  }

  @Override
  public void close() {
    for (Path spare = spares.poll(); spare != null; spare = spares.poll()) {
      discard(disk, spare);
    }
    try {
      lock.close();
    } catch (IOException e) {
      LOG.debug("closing the lock of {}", directory, e);
    }
  }

  /** A file that gets its place and name when it is complete. */
  static final class NewFile {
    private final Disk disk;
    private final Path path;
    private final Disk.NewFile file;

    NewFile(Disk disk, Path path, Disk.NewFile file) {
      this.disk = disk;
      this.path = path;
      this.file = file;
    }

    void write(byte[] octets, int offset, int length) throws IOException {
      file.write(octets, offset, length);
    }

    /** All is written: makes that much survive a power cut. */
    void finish() throws IOException {
      file.flush();
      file.close();
    }

    /** Gives the finished file its name, in one step. */
    void moveTo(Path target) throws IOException {
      disk.move(path, target);
    }

    /** Deletes the file, which has not been moved. */
    void discard() {
      try {
        file.close();
      } catch (IOException e) {
        LOG.debug("closing {}", path, e);
      }
      Incoming.discard(disk, path);
    }
  }

  private static void discard(Disk disk, Path path) {
    try {
      disk.delete(path);
    } catch (IOException e) {
      LOG.warn("cannot delete {}, the next start will: {}", path, e.toString());
    }
  }
}
