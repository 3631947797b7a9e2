package io.postern.bench.race;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory for one measurement, deleted with everything in it afterwards. It is on the file
 * system of the temporary directory, where the peer keeps its mail too.
 */
record WorkDirectory(Path path) implements AutoCloseable {
  static WorkDirectory create() {
    try {
      return new WorkDirectory(Files.createTempDirectory("postern-bench"));
    } catch (IOException e) {
      throw new RaceException("cannot make a temporary directory: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new RaceException("cannot delete " + path + ": " + e.getMessage(), e);
    }
  }
}
