package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * CPU time of a process's threads until now, from {@code /proc}.
 *
 * @param threads by their ids
 */
record ThreadTimes(Map<String, One> threads) {
  /**
   * Of one thread.
   *
   * @param name its first 15 characters
   */
  record One(String name, long nanos) {}

  static ThreadTimes of(String pid) {
    Map<String, One> threads = new HashMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", pid, "task"))) {
      for (Path task : tasks) {
        try {
          String name = Files.readString(task.resolve("comm"), US_ASCII).strip();
          String nanos = Files.readString(task.resolve("schedstat"), US_ASCII).split(" ")[0];
          threads.put(task.getFileName().toString(), new One(name, Long.parseLong(nanos)));
        } catch (IOException e) {
          // It has ended since: no such file, or no such process.
        }
      }
    } catch (IOException e) {
      throw new RaceException("process " + pid + " is gone: " + e.getMessage(), e);
    }
    return new ThreadTimes(threads);
  }

  /** Microseconds that threads with such names have taken since then, but for those that ended. */
  double microsSince(ThreadTimes then, Predicate<String> name) {
    One none = new One("", 0);
    long nanos = 0;
    for (Map.Entry<String, One> thread : threads.entrySet()) {
      if (name.test(thread.getValue().name())) {
        One before = then.threads.getOrDefault(thread.getKey(), none);
        nanos += thread.getValue().nanos() - before.nanos();
      }
    }
    return nanos / 1e3;
  }
}
