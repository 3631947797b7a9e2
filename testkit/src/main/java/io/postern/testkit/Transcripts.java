package io.postern.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A folder of transcripts as tests. */
public final class Transcripts {
  /** All octets of one turn at once. */
  public static final int WHOLE = Integer.MAX_VALUE;

  /** The chunk sizes that find what a parser keeps between two calls. */
  public static final List<Integer> CHUNK_SIZES = List.of(1, 2, 3, 7, WHOLE);

  private Transcripts() {}

  /** A folder of the source tree, below its root. */
  public static Path folder(String path) {
    return Path.of(System.getProperty("postern.root", "..")).resolve(path);
  }

  /** Every file of {@code folder} that ends in {@code suffix}, in chunks of each of the sizes. */
  public static Stream<DynamicTest> in(
      Path folder, String suffix, List<Integer> chunkSizes, Supplier<Dialogue> server) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("no transcript " + suffix + " in " + folder);
      }
      return found.stream()
          .flatMap(file -> chunkSizes.stream().map(size -> test(file, size, server)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DynamicTest test(Path file, int chunkBytes, Supplier<Dialogue> server) {
    String chunks = chunkBytes == WHOLE ? "whole" : "chunks of " + chunkBytes;
    return DynamicTest.dynamicTest(
        file.getFileName() + ", " + chunks,
        () -> {
          Transcript transcript = Transcript.read(file);
          try (Dialogue dialogue = server.get()) {
            transcript.play(dialogue, chunkBytes);
          }
        });
  }
}
