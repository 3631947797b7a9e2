package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Other programs: whether they are there, and running them to their end. */
final class Programs {
  /** How a program ended. */
  record Result(int exitCode, String output, String errors) {
    /** The last line of what it complained of, or else of what it said. */
    String lastLine() {
      String text = errors.isBlank() ? output : errors;
      return text.strip().lines().reduce((a, b) -> b).orElse("exit code " + exitCode);
    }
  }

  private static final Duration SYNC_PATIENCE = Duration.ofMinutes(10);

  private Programs() {}

  static boolean present(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(directory -> Path.of(directory, name))
        .anyMatch(Files::isExecutable);
  }

  /** Its output goes through files, so that none of both can stop it. */
  static Result run(Duration patience, List<String> command) {
    Path out = null;
    Path err = null;
    try {
      out = Files.createTempFile("bench", ".out");
      err = Files.createTempFile("bench", ".err");
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      try {
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
          throw new RaceException(
              command.get(0) + " did not end within " + patience.toSeconds() + " s");
        }
        return new Result(
            process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
      } finally {
        process.destroyForcibly(); // Nothing where it has ended.
      }
    } catch (IOException e) {
      throw new RaceException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RaceException("interrupted", e);
    } finally {
      delete(out);
      delete(err);
    }
  }

  /**
   * Waits until all that programs have written is on the disk: what is written back later would be
   * charged to whoever is measured next.
   */
  static void sync() {
    run(SYNC_PATIENCE, List.of("sync"));
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new RaceException("cannot delete " + file, e);
    }
  }
}
