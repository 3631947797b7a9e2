package io.postern.gateway.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Looks for texts in every file below a folder, as {@code grep -r} would. */
final class PlaintextSearch extends SimpleFileVisitor<Path> {
  private final List<byte[]> texts;
  private int files;
  private long bytes;
  private int hits;

  private PlaintextSearch(List<String> texts) {
    this.texts = texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** What was found. */
  record Result(int files, long bytes, int hits) {}

  static Result in(Path folder, List<String> texts) {
    PlaintextSearch search = new PlaintextSearch(texts);
    try {
      Files.walkFileTree(folder, search);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Result(search.files, search.bytes, search.hits);
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    byte[] content = Files.readAllBytes(file);
    files++;
    bytes += content.length;
    hits += (int) texts.stream().filter(text -> contains(content, text)).count();
    return FileVisitResult.CONTINUE;
  }

  /** A running system removes files while they are looked at. */
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    if (failure instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  private static boolean contains(byte[] content, byte[] text) {
    for (int i = 0; i <= content.length - text.length; i++) {
      if (content[i] == text[0]
          && java.util.Arrays.equals(content, i, i + text.length, text, 0, text.length)) {
        return true;
      }
    }
    return false;
  }
}
