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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place for files that are not complete yet, and for those of mail that was deleted: they are
 * overwritten with new objects. A file system that gives out no inode that was in use a minute ago,
 * as ext4 does, looks at each of them whenever a file is made, and every page of a new file costs
 * memory and disk to be found for it. Every process that has it open holds a shared lock on it;
 * whoever finds itself alone at the start knows that what lies there is left over.
 *
 * <p>Somebody may be reading a file that is deleted: see {@link ObjectFile}.
 */
final class Incoming implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  /** On the disk, of all files that wait to be used again. */
  private static final long MAX_SPARE_BYTES = 512L << 20;

  /** With less than this free, files that nobody uses are given back, in octets. */
  private static final long MIN_FREE_BYTES = 2 * MAX_SPARE_BYTES;

  /** Only smaller files, in octets, are worth being kept without what is in them. */
  private static final long MAX_EMPTIED_BYTES = 128 * 1024;

  /** How much larger than an object the file may be that it gets: the rest is given back. */
  private static final int EXCESS = 8;

  /** Any object may have a file of so many octets. */
  private static final long MIN_SPARE_BYTES = 16 * 1024;

  /** What does not come in one slice of half a mebibyte is larger, in octets. */
  private static final long LARGE_BYTES = 512 * 1024;

  private final Disk disk;
  private final Path directory;
  private final FileChannel lock;
  private final Spares spares = new Spares(MAX_SPARE_BYTES);

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

  /** For an object of that many octets. */
  NewFile newFile(long sizeBytes) throws IOException {
    return newFile(spares.poll(sizeBytes, Math.max(EXCESS * sizeBytes, MIN_SPARE_BYTES)));
  }

  /** For an object that comes in pieces, none of which says how many there will be. */
  NewFile newLargeFile() throws IOException {
    return newFile(spares.poll(LARGE_BYTES, Long.MAX_VALUE));
  }

  private NewFile newFile(Optional<Spares.Spare> spare) throws IOException {
    if (spare.isPresent()) {
      Path path = spare.get().path();
      return new NewFile(path, disk.reuse(path), spare.get().sizeBytes());
    }
    Path path = newPath();
    try {
      return new NewFile(path, disk.create(path), 0);
    } catch (IOException e) {
      deleteSpares();
      throw e;
    }
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
      if (spares.room() <= taken.size() || !usable(attributes(file))) {
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

  private static Map<String, Object> attributes(Path file) throws IOException {
    return Files.readAttributes(file, "unix:isRegularFile,size,nlink", NOFOLLOW_LINKS);
  }

  /** A file with a second name is somebody's copy, which must not become another's mail. */
  private static boolean usable(Map<String, Object> attributes) {
    return (boolean) attributes.get("isRegularFile") && (int) attributes.get("nlink") == 1;
  }

  /** Has what was taken used again. */
  void keep(Collection<Path> taken) throws IOException {
    if (taken.isEmpty()) {
      return;
    }
    boolean scarce = disk.freeBytes(directory) < MIN_FREE_BYTES;
    if (scarce) {
      deleteSpares();
    }
    for (Path spare : taken) {
      Map<String, Object> attributes = attributes(spare);
      long size = (long) attributes.get("size");
      if (!usable(attributes)) { // Copied before it was moved.
        disk.delete(spare);
      } else if (scarce || !spares.offer(new Spares.Spare(spare, size))) {
        keepEmpty(spare, size);
      }
    }
  }

  private void keepEmpty(Path spare, long size) throws IOException {
    if (size <= MAX_EMPTIED_BYTES) {
      disk.truncate(spare);
      if (spares.offer(new Spares.Spare(spare, 0))) {
        return;
      }
    }
    disk.delete(spare);
  }

  private void deleteSpares() {
    for (Spares.Spare spare : spares.drain()) {
      discard(spare.path());
    }
  }

  @Override
  public void close() {
    deleteSpares();
    try {
      lock.close();
    } catch (IOException e) {
      LOG.debug("closing the lock of {}", directory, e);
    }
  }

  private void discard(Path path) {
    try {
      disk.delete(path);
    } catch (IOException e) {
      LOG.warn("cannot delete {}, the next start will: {}", path, e.toString());
    }
  }

  /** A file that gets its place and name when it is complete. */
  final class NewFile {
    private final Path path;
    private final Disk.NewFile file;

    /** Of what was in it before. */
    private final long oldBytes;

    private long writtenBytes;

    private NewFile(Path path, Disk.NewFile file, long oldBytes) {
      this.path = path;
      this.file = file;
      this.oldBytes = oldBytes;
    }

    void write(byte[] octets, int offset, int length) throws IOException {
      try {
        file.write(octets, offset, length);
        writtenBytes += length;
      } catch (IOException e) {
        deleteSpares(); // The disk may be full of them: whoever tries again finds room.
        throw e;
      }
    }

    /** All is written: makes that much survive a power cut. */
    void finish() throws IOException {
      if (writtenBytes < oldBytes) {
        file.cut();
      }
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
      Incoming.this.discard(path);
    }
  }
}
