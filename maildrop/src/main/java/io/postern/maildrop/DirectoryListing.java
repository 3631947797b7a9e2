package io.postern.maildrop;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lists a directory tree as a bucket would: files in the order of their keys. Each directory is
 * read once, each file asked for its size once; files that come or go meanwhile may be missed.
 */
final class DirectoryListing {
  private final String prefix;
  private final String after;
  private final int limit;
  private final List<ObjectStore.Entry> found = new ArrayList<>();

  DirectoryListing(String prefix, String after, int limit) {
    this.prefix = prefix;
    this.after = after;
    this.limit = limit;
  }

  List<ObjectStore.Entry> of(Path root) throws IOException {
    walk(root, "");
    return found;
  }

  /** A file, or a directory with its key ending in a slash, as which it also sorts. */
  private record Child(Path path, String key, long sizeBytes) {
    boolean isDirectory() {
      return key.endsWith("/");
    }
  }

  private void walk(Path directory, String directoryKey) throws IOException {
    for (Child child : children(directory, directoryKey)) {
      if (found.size() >= limit) {
        return;
      }
      if (child.isDirectory()) {
        walk(child.path, child.key);
      } else {
        found.add(new ObjectStore.Entry(child.key, child.sizeBytes));
      }
    }
  }

  private List<Child> children(Path directory, String directoryKey) throws IOException {
    List<Child> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path path : stream) {
        String key = directoryKey + path.getFileName();
        if (ObjectKeys.valid(key) && (fileWanted(key) || directoryWanted(key + "/"))) {
          add(path, key, children);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    children.sort(Comparator.comparing(Child::key));
    return children;
  }

  private void add(Path path, String key, List<Child> children) throws IOException {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
      if (attributes.isDirectory() && directoryWanted(key + "/")) {
        children.add(new Child(path, key + "/", 0));
      } else if (attributes.isRegularFile() && fileWanted(key)) {
        children.add(new Child(path, key, attributes.size()));
      }
    } catch (NoSuchFileException e) {
      // Deleted since the directory was read.
    }
  }

  private boolean fileWanted(String key) {
    return key.startsWith(prefix) && key.compareTo(after) > 0;
  }

  private boolean directoryWanted(String key) {
    return (key.startsWith(prefix) || prefix.startsWith(key))
        && (key.compareTo(after) > 0 || after.startsWith(key));
  }
}
