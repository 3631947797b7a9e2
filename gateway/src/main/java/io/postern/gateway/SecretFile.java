package io.postern.gateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Secrets that lie in files, where neither {@code ps} nor {@code docker inspect} shows them. */
final class SecretFile {
  private static final long MAX_BYTES = 64 << 10;

  private SecretFile() {}

  /**
   * The file's first line where there is a file, else the value.
   *
   * @param key the setting that names the file, for the message
   * @throws CommandFailure where the file cannot be read or its first line is empty
   */
  static String orValue(String key, Path file, String value) {
    return file == null ? value : firstLine(key, file);
  }

  private static String firstLine(String key, Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new CommandFailure(key + ": " + file + " is too large for a secret");
      }
      String line = Files.readString(file).lines().findFirst().orElse("").strip();
      if (line.isEmpty()) {
        throw new CommandFailure(key + ": the first line of " + file + " is empty");
      }
      return line;
    } catch (IOException e) {
      throw new CommandFailure(
          key + ": " + file + " cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  /**
   * Writes a file that only its owner may read, whole or not at all, and past a power cut. Its
   * folder is made where it is missing.
   */
  static void write(Path file, byte[] octets) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder, mode("rwx------"));
    Path draft = Files.createTempFile(folder, "secret", ".new", mode("rw-------"));
    try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(octets);
      while (rest.hasRemaining()) {
        out.write(rest);
      }
      out.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static FileAttribute<?> mode(String rights) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights));
  }
}
