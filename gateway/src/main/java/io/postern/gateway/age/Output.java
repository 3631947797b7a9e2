package io.postern.gateway.age;

import io.postern.age.Sink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where a command writes to. A file is opened by the first octet, so that a wrong key leaves alone
 * what stood there before. Whatever was given is written at the latest on closing.
 */
final class Output implements Sink, AutoCloseable {
  private interface Opening {
    OutputStream open() throws IOException;
  }

  private final Opening opening;
  private final boolean closeable;
  private OutputStream out;
  private WriteBehind behind;

  private Output(Opening opening, boolean closeable) {
    this.opening = opening;
    this.closeable = closeable;
  }

  /** A stream of somebody else's, which stays open. */
  static Output to(OutputStream stream) {
    return new Output(() -> stream, false);
  }

  static Output toFile(Path file) {
    return new Output(() -> Files.newOutputStream(file), true);
  }

  /** A file that must not exist yet and that only its owner can read from the very start. */
  static Output toNewSecret(Path file) {
    return new Output(
        () -> {
          // Files.newOutputStream takes no permissions.
          Files.createFile(
              file,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
          return Files.newOutputStream(file, StandardOpenOption.WRITE);
        },
        true);
  }

  /**
   * @throws UncheckedIOException since a sink cannot throw what is checked
   */
  @Override
  public void write(byte[] octets, int offset, int length) {
    try {
      open().write(octets, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says that this is all: makes the file even where nothing was written. */
  void finish() throws IOException {
    open().finish();
  }

  private WriteBehind open() throws IOException {
    if (behind == null) {
      out = opening.open();
      behind = new WriteBehind(out);
    }
    return behind;
  }

  @Override
  public void close() throws IOException {
    if (behind == null) {
      return;
    }
    try {
      behind.finish();
    } finally {
      if (closeable) {
        out.close();
      }
    }
  }
}
