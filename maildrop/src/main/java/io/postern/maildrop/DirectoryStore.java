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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store in a directory: the key is the path below it. A write is a new file in {@code .incoming},
 * flushed, then an atomic rename, then a flush of the directory; writes at the same time share what
 * they can. Files have mode 0600 and directories 0700.
 *
 * <p>Several processes may use one directory; a process opens it once at a time.
 */
public final class DirectoryStore implements ObjectStore {
  /** One leads a group of writes, eight flush its files. */
  private static final int THREADS = 9;

  private static final int IDLE_SECONDS = 10;

  private final Path root;
  private final Disk disk;
  private final ExecutorService threads;
  private final Incoming incoming;
  private final DurableDirectories directories;
  private final GroupCommit commit;
  private final KnownFiles knownFiles;

  /** Opens the store, making the directory where it is missing; clears what a crash left behind. */
  public DirectoryStore(Path root) throws StoreException {
    this(root, new LocalDisk(), pool());
  }

  /**
   * Opens it on a disk.
   *
   * @param threads closed with the store
   */
  DirectoryStore(Path root, Disk disk, ExecutorService threads) throws StoreException {
    this.root = root.toAbsolutePath();
    this.disk = disk;
    this.threads = threads;
    this.directories = new DurableDirectories(disk);
    this.incoming = attempt("open " + root, this::openIncoming);
    this.knownFiles =
        new KnownFiles(InstantSource.system(), maxKnownFiles(), new KeptListings(this.root));
    this.commit = new GroupCommit(directories, knownFiles::forget, threads);
  }

  /** Some twentieth of what memory there may be. */
  private static long maxKnownFiles() {
    return Runtime.getRuntime().maxMemory() / 20 / 100;
  }

  private Incoming openIncoming() throws IOException {
    directories.require(root);
    return new Incoming(disk, root.resolve(".incoming"));
  }

  private static ExecutorService pool() {
    AtomicInteger made = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "directory-store-" + made.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  @Override
  public void put(String key, byte[] octets) throws StoreException {
    Path target = path(key);
    attempt(
        "put " + key,
        () -> {
          commit.store(target, () -> written(octets));
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> putSoon(String key, byte[] octets, Executor unused) {
    CompletableFuture<Void> written;
    try {
      written = commit.add(path(key), () -> written(octets));
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    written.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            result.complete(null);
          } else {
            result.completeExceptionally(failed("put " + key, failure));
          }
        });
    result.whenComplete((done, failure) -> written.complete(null)); // Cancelled: not wanted.
    return result;
  }

  private Incoming.NewFile written(byte[] octets) throws IOException {
    Incoming.NewFile file = incoming.newFile(octets.length);
    try {
      file.write(octets, 0, octets.length);
      return file;
    } catch (IOException e) {
      file.discard();
      throw e;
    }
  }

  @Override
  public Upload begin(String key) throws StoreException {
    Path target = path(key);
    return attempt("put " + key, () -> new FileUpload(key, target, incoming.newLargeFile()));
  }

  @Override
  public InputStream get(String key, long offset) throws StoreException {
    Path file = path(key);
    return attempt(
        "get " + key,
        () -> {
          try {
            return new StoreInputStream(ObjectFile.open(file, offset), key);
          } catch (NoSuchFileException e) {
            throw notFound(key);
          }
        });
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
    return attempt(
        "list " + prefix, () -> new DirectoryListing(knownFiles, prefix, after, limit).of(root));
  }

  @Override
  public void list(String prefix, Listed listed) throws StoreException {
    attempt(
        "list " + prefix,
        () -> {
          new DirectoryListing(knownFiles, prefix, "", Integer.MAX_VALUE)
              .walk(
                  root,
                  (directory, name, sizeBytes) ->
                      listed.take(
                          directory.equals(prefix)
                              ? name
                              : directory.concat(name).substring(prefix.length()),
                          sizeBytes));
          return null;
        });
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    Path directory = prefix.isEmpty() ? root : path(prefix.substring(0, prefix.length() - 1));
    return attempt("list " + prefix, () -> DirectoryListing.folders(knownFiles, directory, prefix));
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    Set<Path> changed = new LinkedHashSet<>();
    List<Path> taken = new ArrayList<>();
    for (String key : keys) {
      Path file = path(key);
      if (attempt("delete " + key, () -> remove(key, file, taken))) {
        changed.add(file.getParent());
      }
    }
    for (Path directory : changed) {
      attempt(
          "delete",
          () -> {
            directories.flush(directory);
            return null;
          });
    }
    attempt(
        "delete",
        () -> {
          incoming.keep(taken);
          return null;
        });
  }

  /** What is not mail, as the key of a mailbox, must not lie around once it is deleted. */
  private boolean remove(String key, Path file, List<Path> taken) throws IOException {
    return Layout.isMail(key) ? incoming.take(file, taken) : disk.delete(file);
  }

  @Override
  public void close() {
    threads.shutdown();
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
    } catch (IOException e) {
      throw failed(what, e);
    }
  }

  private static StoreException failed(String what, Throwable failure) {
    if (failure instanceof StoreException known) {
      return known;
    }
    if (failure instanceof AccessDeniedException denied) {
      return new StoreException(
          Category.DENIED, what + ": no right to " + denied.getFile(), denied);
    }
    // Full disks, exhausted quotas and descriptors, I/O errors: all worth another try.
    return new StoreException(Category.TEMPORARY, what + ": " + failure.getMessage(), failure);
  }

  /** An object on its way into the directory. */
  private final class FileUpload implements Upload {
    private final String key;
    private final Path target;
    private final Incoming.NewFile file;
    private boolean handedOver;

    FileUpload(String key, Path target, Incoming.NewFile file) {
      this.key = key;
      this.target = target;
      this.file = file;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws StoreException {
      attempt(
          "put " + key,
          () -> {
            file.write(octets, offset, length);
            return null;
          });
    }

    @Override
    public int heldBytes() {
      return 0;
    }

    @Override
    public void complete() throws StoreException {
      handedOver = true;
      attempt(
          "put " + key,
          () -> {
            commit.store(target, () -> file);
            return null;
          });
    }

    @Override
    public void abort() {
      if (!handedOver) {
        handedOver = true;
        file.discard();
      }
    }
  }
}
