package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A machine as it is before a measurement: all that was written is on the disk, and memory is as on
 * a server that has run for weeks, full of pages of files that nobody needs. A virtual machine
 * whose memory was never used has to get each page from its host when it is first touched, which
 * took 2.7 instead of 0.4 ms a mebibyte where this was measured; and free memory goes back to the
 * host within seconds.
 *
 * <p>The file is sparse: reading it takes memory, which the kernel gives to whoever wants it, and
 * no disk.
 */
final class SettledMachine {
  /** What {@link #settle} does, for under a table. */
  static final String NOTE =
      "Before each run all that had been written was on the disk, and all free memory was filled with a file's pages, as on a server that has run for weeks.";

  /** What the kernel keeps free anyhow, and something for what begins. */
  private static final long FREE_BYTES = 256L << 20;

  private static final int READ_BYTES = 1 << 20;

  private final Path file;
  private long readBytes;

  /**
   * @param directory for a file that takes no space
   */
  SettledMachine(Path directory) {
    this.file = directory.resolve("sparse");
  }

  /** Makes it so. */
  void settle() {
    Programs.sync();
    fill();
  }

  /** Uses what is free now; half a minute where the machine is new. */
  private void fill() {
    long missing = freeBytes() - FREE_BYTES;
    if (missing < READ_BYTES) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE)) {
      long end = readBytes + missing;
      channel.write(ByteBuffer.allocate(1), end - 1);
      ByteBuffer pages = ByteBuffer.allocateDirect(READ_BYTES);
      while (readBytes < end) {
        readBytes += channel.read(pages.clear(), readBytes);
      }
    } catch (ClosedByInterruptException e) {
      throw new RaceException("interrupted", e);
    } catch (IOException e) {
      throw new RaceException("cannot fill the memory: " + e.getMessage(), e);
    }
  }

  /** As Linux says; 0 elsewhere. */
  private static long freeBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"), US_ASCII)) {
      return lines
          .filter(line -> line.startsWith("MemFree:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
