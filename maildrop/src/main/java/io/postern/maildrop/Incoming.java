package io.postern.maildrop;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place for files that are not complete yet. Every process that has it open holds a shared lock
 * on it; whoever finds itself alone at the start knows that what lies there is left over.
 */
final class Incoming implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  /** The JDK keeps a direct buffer of the largest write for every thread: keep writes small. */
  private static final int MAX_WRITE_BYTES = 128 * 1024;

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final FileChannel lock;

  Incoming(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory, DurableDirectories.PRIVATE);
    this.lock =
        FileChannel.open(directory.resolve("lock"), Set.of(CREATE, READ, WRITE), PRIVATE_FILE);
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
    Path path = directory.resolve(UUID.randomUUID() + ".part");
    return new NewFile(path, FileChannel.open(path, Set.of(CREATE_NEW, WRITE), PRIVATE_FILE));
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.debug("closing the lock of {}", directory, e);
    }
  }

  /** A file that gets its place and name when it is complete. */
  static final class NewFile {
    private final Path path;
    private final FileChannel channel;

    NewFile(Path path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
    }

    /** Returns how many octets it wrote: all of them. */
    int write(byte[] octets, int offset, int length) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(octets, offset, length);
      while (rest.position() < offset + length) {
        rest.limit(Math.min(offset + length, rest.position() + MAX_WRITE_BYTES));
        channel.write(rest);
      }
      return length;
    }

    /** Flushes the file, then gives it its name in one step. */
    void moveTo(Path target) throws IOException {
      channel.force(true);
      channel.close();
      Files.move(path, target, ATOMIC_MOVE);
    }

    /** Deletes the file where it has not been moved. */
    void discard() {
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("cannot delete {}, the next start will: {}", path, e.toString());
      }
    }
  }
}
