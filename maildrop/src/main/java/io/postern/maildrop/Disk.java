package io.postern.maildrop;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What writing to a directory store asks of a file system. Nothing survives a power cut unless it
 * was flushed: a file's octets by flushing the file, its name by flushing the directory.
 */
interface Disk {
  /** A file that is being written. */
  interface NewFile {
    /** Goes on where the last write ended, over what is there. */
    void write(byte[] octets, int offset, int length) throws IOException;

    /** The file ends where the last write ended. */
    void cut() throws IOException;

    /** What was written survives a power cut, wherever the file is moved to. */
    void flush() throws IOException;

    void close() throws IOException;
  }

  /** Makes a file that only its owner can read; it must not be there. */
  NewFile create(Path file) throws IOException;

  /** Opens a file that is there, to be overwritten from its beginning. */
  NewFile reuse(Path file) throws IOException;

  /** Makes a file empty, at once and for good only when it is flushed. */
  void truncate(Path file) throws IOException;

  /** Gives a file another name in one step, in place of a file that has it. */
  void move(Path from, Path to) throws IOException;

  /** Says whether it was there. */
  boolean delete(Path file) throws IOException;

  boolean isDirectory(Path path);

  /** How many more octets the file system of that directory takes from this process. */
  long freeBytes(Path directory);

  /** Makes a directory that only its owner can enter; whoever is first makes it. */
  void makeDirectory(Path path) throws IOException;

  /**
   * The names that stand in this directory now survive a power cut, and those that do not stay
   * away.
   */
  void flushDirectory(Path path) throws IOException;
}
