package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What was measured on, in words. */
final class Machine {
  /** In {@code /proc/stat}. */
  private static final double TICKS_PER_SECOND = 100;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Machine() {}

  /**
   * Cores, processor, memory, kernel and file system, read from {@code /proc}.
   *
   * @param directory on the file system in question
   */
  static String describe(Path directory) {
    return "%d cores (%s), %s of memory, Linux %s, %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            field("/proc/cpuinfo", "model name"),
            memory(),
            System.getProperty("os.version"),
            fileSystem(directory));
  }

  /**
   * Versions of what raced.
   *
   * @param launcher the {@code postern} script
   */
  static String versions(Path launcher) {
    return "Java %s; %s; Postfix %s; Dovecot %s"
        .formatted(
            System.getProperty("java.version"),
            said(List.of(launcher.toString(), "--version")),
            said(List.of("postconf", "-d", "-h", "mail_version")),
            said(List.of("dovecot", "--version")));
  }

  /** CPU time that all cores have spent since the machine was started. */
  static double busySeconds() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"), UTF_8)) {
      String[] fields = lines.findFirst().orElseThrow().split(" +");
      // user, nice, system, irq, softirq; proc_stat(5).
      return IntStream.of(1, 2, 3, 6, 7).mapToLong(i -> Long.parseLong(fields[i])).sum()
          / TICKS_PER_SECOND;
    } catch (IOException e) {
      throw new RaceException("cannot read /proc/stat: " + e.getMessage(), e);
    }
  }

  private static String said(List<String> command) {
    if (!command.get(0).contains("/") && !Programs.present(command.get(0))) {
      return "not installed";
    }
    return Programs.run(PATIENCE, command).output().strip().lines().findFirst().orElse("unknown");
  }

  private static String memory() {
    String kilobytes = field("/proc/meminfo", "MemTotal").replaceAll("\\D", "");
    return kilobytes.isEmpty() ? "?" : Long.parseLong(kilobytes) / 1024 + " MiB";
  }

  private static String fileSystem(Path directory) {
    try {
      return Files.getFileStore(directory).type();
    } catch (IOException e) {
      return "unknown file system";
    }
  }

  private static String field(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file), UTF_8)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
