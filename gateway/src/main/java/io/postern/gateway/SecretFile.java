package io.postern.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
}
