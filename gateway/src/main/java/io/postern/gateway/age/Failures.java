package io.postern.gateway.age;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says in one line what went wrong with a file. */
final class Failures {
  private Failures() {}

  static String explain(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    }
    if (e instanceof FileAlreadyExistsException existing) {
      return existing.getFile() + ": exists already, and is not overwritten";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    if (e instanceof FileSystemException other) {
      return other.getFile() + ": " + other.getReason();
    }
    return e.getMessage();
  }
}
