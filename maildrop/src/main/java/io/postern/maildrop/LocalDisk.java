package io.postern.maildrop;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The operating system's file system. */
class LocalDisk implements Disk {
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final Set<java.nio.file.OpenOption> NEW = Set.of(CREATE_NEW, WRITE);

  @Override
  public NewFile create(Path file) throws IOException {
    return new Channel(FileChannel.open(file, NEW, PRIVATE_FILE));
  }

  @Override
  public NewFile reuse(Path file) throws IOException {
    return new Channel(FileChannel.open(file, WRITE));
  }

  @Override
  public void truncate(Path file) throws IOException {
    FileChannel.open(file, WRITE, TRUNCATE_EXISTING).close();
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    Files.move(from, to, ATOMIC_MOVE);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public long freeBytes(Path directory) {
    return directory.toFile().getUsableSpace(); // Without searching all mounts first.
  }

  @Override
  public void makeDirectory(Path path) throws IOException {
    Files.createDirectories(path, PRIVATE_DIRECTORY);
  }

  @Override
  public void flushDirectory(Path path) throws IOException {
    try (FileChannel directory = FileChannel.open(path, READ)) {
      directory.force(true);
    }
  }

  /** A file by its channel. */
  record Channel(FileChannel channel) implements NewFile {
    /** The JDK keeps a direct buffer of the largest write for every thread: keep writes small. */
    private static final int MAX_WRITE_BYTES = 128 * 1024;

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(octets, offset, length);
      while (rest.position() < offset + length) {
        rest.limit(Math.min(offset + length, rest.position() + MAX_WRITE_BYTES));
        channel.write(rest);
      }
    }

    @Override
    public void cut() throws IOException {
      channel.truncate(channel.position());
    }

    /** With the length of the file, but without its times. */
    @Override
    public void flush() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
