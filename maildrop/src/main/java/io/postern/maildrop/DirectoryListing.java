package io.postern.maildrop;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Lists a directory tree as a bucket would: files in the order of their keys. Each directory that
 * may have changed is read once, each file whose size is not known asked for it once; files that
 * come or go meanwhile may be missed.
 */
final class DirectoryListing {
  private final KnownFiles knownFiles;
  private final String prefix;
  private final String after;
  private final int limit;
  private int taken;

  /** Takes files as they are found. */
  interface Found {
    /**
     * @param directoryKey what the file's key has before its name
     */
    void file(String directoryKey, String name, long sizeBytes);
  }

  DirectoryListing(KnownFiles knownFiles, String prefix, String after, int limit) {
    this.knownFiles = knownFiles;
    this.prefix = prefix;
    this.after = after;
    this.limit = limit;
  }

  List<ObjectStore.Entry> of(Path root) throws IOException {
    List<ObjectStore.Entry> entries = new ArrayList<>();
    walk(
        root,
        (directoryKey, name, sizeBytes) ->
            entries.add(new ObjectStore.Entry(directoryKey.concat(name), sizeBytes)));
    return entries;
  }

  void walk(Path root, Found found) throws IOException {
    walk(root, "", found);
  }

  /** The directories within one that have a file in them, or further below. */
  static List<String> folders(KnownFiles knownFiles, Path directory, String directoryKey)
      throws IOException {
    List<String> folders = new ArrayList<>();
    for (String name : names(directory)) {
      Path path = directory.resolve(name);
      if (ObjectKeys.valid(name) && Files.isDirectory(path, NOFOLLOW_LINKS)) {
        String key = directoryKey + name + "/";
        DirectoryListing first = new DirectoryListing(knownFiles, key, "", 1);
        first.walk(path, key, (directoryName, fileName, sizeBytes) -> {});
        if (first.taken > 0) {
          folders.add(name);
        }
      }
    }
    folders.sort(null);
    return folders;
  }

  /** Looks at one directory; what is in it goes by name, directories with a slash behind it. */
  private void walk(Path directory, String directoryKey, Found found) throws IOException {
    boolean all = directoryKey.startsWith(prefix) && after.isEmpty();
    ListedFiles children = children(directory, directoryKey, all);
    for (int i = 0; i < children.count() && taken < limit; i++) {
      String name = children.name(i);
      if (name.endsWith("/")) {
        walk(directory.resolve(name), directoryKey.concat(name), found);
      } else if (all || fileWanted(directoryKey.concat(name))) {
        taken++;
        found.file(directoryKey, name, children.sizeBytes(i));
      }
    }
  }

  private ListedFiles children(Path directory, String directoryKey, boolean all)
      throws IOException {
    try (KnownFiles.Listing listing = knownFiles.list(directory, modified(directory))) {
      Optional<ListedFiles> unchanged = listing.unchanged();
      if (unchanged.isPresent()) {
        return unchanged.get();
      }
      List<String> unknown = new ArrayList<>();
      ListedFiles known = listing.known(names(directory), unknown::add);
      List<ObjectStore.Entry> files = new ArrayList<>();
      List<ObjectStore.Entry> directories = new ArrayList<>();
      for (String name : unknown) {
        if (ObjectKeys.valid(name) && (all || wanted(directoryKey.concat(name)))) {
          look(directory, directoryKey, name, files, directories);
        }
      }
      ListedFiles found = known.with(files);
      if (all) {
        listing.learn(found, files.size(), directories.isEmpty());
      }
      return found.with(directories);
    }
  }

  private static Optional<FileTime> modified(Path directory) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(directory));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static List<String> names(Path directory) throws IOException {
    // Several times as fast as a stream of paths.
    String[] names = directory.toFile().list();
    if (names != null) {
      return Arrays.asList(names);
    }
    try {
      Files.newDirectoryStream(directory).close(); // Says what is wrong.
      throw new IOException(directory + " cannot be read");
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  private boolean wanted(String key) {
    return fileWanted(key) || directoryWanted(key + "/");
  }

  private void look(
      Path directory,
      String directoryKey,
      String name,
      List<ObjectStore.Entry> files,
      List<ObjectStore.Entry> directories)
      throws IOException {
    try {
      var attributes =
          Files.readAttributes(directory.resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
      if (attributes.isDirectory() && directoryWanted(directoryKey + name + "/")) {
        directories.add(new ObjectStore.Entry(name + "/", 0));
      } else if (attributes.isRegularFile() && fileWanted(directoryKey + name)) {
        files.add(new ObjectStore.Entry(name, attributes.size()));
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
