package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process holds, from {@code /proc} and, of its heap, from the JVM's own tool. */
final class ProcessMemory {
  private static final Pattern HEAP_USED =
      Pattern.compile("total (?:reserved \\d+K, committed )?\\d+K, used (\\d+)K");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final double KILO = 1024;

  private final String pid;

  ProcessMemory(String pid) {
    this.pid = pid;
  }

  /** Resident megabytes, shared pages divided among those who share them. */
  double pssMb() {
    return megabytes("Pss:");
  }

  /** Resident megabytes. */
  double rssMb() {
    return megabytes("Rss:");
  }

  private double megabytes(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", pid, "smaps_rollup"), US_ASCII)) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("\\D", "")) / KILO;
        }
      }
      throw new RaceException("process " + pid + " has no field " + field);
    } catch (IOException e) {
      throw new RaceException("process " + pid + " is gone: " + e.getMessage(), e);
    }
  }

  /** Megabytes of the heap that are in use, garbage included. */
  double heapMb() {
    // The regions of all collectors but not the metaspace, which is no part of the heap.
    Matcher used = HEAP_USED.matcher(jcmd("GC.heap_info"));
    double kilobytes = 0;
    while (used.find()) {
      kilobytes += Long.parseLong(used.group(1));
    }
    return kilobytes / KILO;
  }

  /** Megabytes of the heap that are in use right after a collection. */
  double liveHeapMb() {
    jcmd("GC.run");
    return heapMb();
  }

  private String jcmd(String verb) {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Programs.Result result = Programs.run(PATIENCE, List.of(jcmd.toString(), pid, verb));
    if (result.exitCode() != 0) {
      throw new RaceException("jcmd " + verb + ": " + result.lastLine());
    }
    return result.output();
  }

  /** How many files the process may have open; as much as a long holds where there is no limit. */
  long maxOpenFiles() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", pid, "limits"), US_ASCII)) {
        if (line.startsWith("Max open files")) {
          String soft = line.substring("Max open files".length()).strip().split("\\s+")[0];
          return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
        }
      }
      return Long.MAX_VALUE;
    } catch (IOException e) {
      throw new RaceException("process " + pid + " is gone: " + e.getMessage(), e);
    }
  }
}
