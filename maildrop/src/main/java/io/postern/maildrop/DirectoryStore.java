package io.postern.maildrop;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.postern.maildrop.StoreException.Category;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A store in a directory: the key is the path below it. A write is a new file in {@code .incoming},
 * fsync, an atomic rename, and fsync of the directory. Files have mode 0600 and directories 0700.
 *
 * <p>Several processes may use one directory; a process opens it once at a time.
 */
public final class DirectoryStore implements ObjectStore {
  private final Path root;
  private final Incoming incoming;
  private final DurableDirectories directories = new DurableDirectories();

  /** Opens the store, making the directory where it is missing; clears what a crash left behind. */
  public DirectoryStore(Path root) throws StoreException {
    this.root = root.toAbsolutePath();
    this.incoming =
        attempt(
            "open " + root,
            () -> {
              directories.require(this.root);
              return new Incoming(this.root.resolve(".incoming"));
            });
  }

  @Override
  public void put(String key, byte[] octets) throws StoreException {
    Upload upload = begin(key);
    try {
      upload.write(octets, 0, octets.length);
      upload.complete();
    } finally {
      upload.abort();
    }
  }

  @Override
  public Upload begin(String key) throws StoreException {
    Path target = path(key);
    return attempt("put " + key, () -> new FileUpload(key, target, incoming.newFile()));
  }

  @Override
  public InputStream get(String key, long offset) throws StoreException {
    Path file = path(key);
    return attempt(
        "get " + key,
        () -> {
          if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            throw notFound(key);
          }
          InputStream in = open(file, key);
          try {
            in.skip(offset); // Seeks, at most to the end.
            return new StoreInputStream(in, key);
          } catch (IOException e) {
            in.close();
            throw e;
          }
        });
  }

  private static InputStream open(Path file, String key) throws IOException {
    try {
      return Files.newInputStream(file, NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw notFound(key);
    }
  }

  private static StoreException notFound(String key) {
    return new StoreException(Category.NOT_FOUND, "get " + key + ": no such object", null);
  }

  @Override
  public Optional<Entry> stat(String key) throws StoreException {
    Path file = path(key);
    return attempt(
        "stat " + key,
        () -> {
          try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                ? Optional.of(new Entry(key, attributes.size()))
                : Optional.<Entry>empty();
          } catch (NoSuchFileException e) {
            return Optional.<Entry>empty();
          }
        });
  }

  @Override
  public List<Entry> list(String prefix, String after, int limit) throws StoreException {
    return attempt("list " + prefix, () -> new DirectoryListing(prefix, after, limit).of(root));
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    Set<Path> changed = new LinkedHashSet<>();
    for (String key : keys) {
      Path file = path(key);
      if (attempt("delete " + key, () -> Files.deleteIfExists(file))) {
        changed.add(file.getParent());
      }
    }
    for (Path directory : changed) {
      attempt("delete", () -> directories.flush(directory));
    }
  }

  @Override
  public void close() {
    incoming.close();
  }

  private Path path(String key) throws StoreException {
    return root.resolve(ObjectKeys.require(key));
  }

  interface Step<T> {
    T run() throws IOException;
  }

  static <T> T attempt(String what, Step<T> step) throws StoreException {
    try {
      return step.run();
    } catch (StoreException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw new StoreException(Category.DENIED, what + ": no right to " + e.getFile(), e);
    } catch (IOException e) {
      // Full disks, exhausted quotas and descriptors, I/O errors: all worth another try.
      throw new StoreException(Category.TEMPORARY, what + ": " + e.getMessage(), e);
    }
  }

  /** An object on its way into the directory. */
  private final class FileUpload implements Upload {
    private final String key;
    private final Path target;
    private final Incoming.NewFile file;

    FileUpload(String key, Path target, Incoming.NewFile file) {
      this.key = key;
      this.target = target;
      this.file = file;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws StoreException {
      attempt("put " + key, () -> file.write(octets, offset, length));
    }

    @Override
    public int heldBytes() {
      return 0;
    }

    @Override
    public void complete() throws StoreException {
      attempt(
          "put " + key,
          () -> {
            Path directory = target.getParent();
            directories.require(directory);
            file.moveTo(target);
            return directories.flush(directory);
          });
    }

    @Override
    public void abort() {
      file.discard();
    }
  }
}
