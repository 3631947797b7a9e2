package io.postern.maildrop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes files durable and visible, many at once. While one group is under way the next one gathers,
 * so the busier the store, the larger the groups, and the less each file costs: the files are
 * flushed side by side, which lets the file system's journal take them together, then all get their
 * names, then each directory is flushed once. Only then anybody hears that a file is there.
 */
final class GroupCommit {
  /** Large enough that what a group costs as such no longer counts. */
  private static final int MAX_FILES = 512;

  private static final int MAX_THREADS = 8;

  private final Executor threads;
  private final Consumer<Path> watcher;
  private final DurableDirectories directories;
  private final Queue<Entry> waiting = new ArrayDeque<>();
  private boolean running;

  /**
   * @param watcher hears of each file that has got its name, before anybody else does
   * @param threads where files are written and flushed: two at least, or the caller's own
   */
  GroupCommit(DurableDirectories directories, Consumer<Path> watcher, Executor threads) {
    this.watcher = watcher;
    this.directories = directories;
    this.threads = threads;
  }

  /** Gives the file that is to be stored, with all its octets; it blocks. */
  interface Source {
    Incoming.NewFile file() throws IOException;
  }

  /**
   * Stores what {@code source} gives under the name {@code target}, without waiting for it. The
   * result fails with what was thrown; where it is completed before its turn has come, nothing is
   * written.
   */
  CompletableFuture<Void> add(Path target, Source source) {
    Entry entry = new Entry(target, source);
    if (enter(entry)) {
      goOn();
    }
    return entry.done;
  }

  /** The same, for whoever waits: where nobody writes, the caller's own thread does. */
  void store(Path target, Source source) throws IOException {
    Entry entry = new Entry(target, source);
    if (enter(entry)) {
      run(next(), this::commit);
      goOn();
    }
    try {
      entry.done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }

  /** Says whether nobody is at work: the caller has to be. */
  private boolean enter(Entry entry) {
    synchronized (waiting) {
      waiting.add(entry);
      boolean first = !running;
      running = true;
      return first;
    }
  }

  private void goOn() {
    synchronized (waiting) {
      running = !waiting.isEmpty();
      if (!running) {
        return;
      }
    }
    try {
      threads.execute(() -> forEachGroup(this::commit));
    } catch (RejectedExecutionException e) {
      forEachGroup(group -> fail(group, new IOException("the store is closed", e)));
    }
  }

  private void forEachGroup(Consumer<List<Entry>> work) {
    for (List<Entry> group = next(); !group.isEmpty(); group = next()) {
      run(group, work);
    }
  }

  /** Whoever waits for one of the group must hear of anything. */
  private static void run(List<Entry> group, Consumer<List<Entry>> work) {
    try {
      work.accept(group);
    } catch (RuntimeException e) {
      fail(group, e);
    }
  }

  private static void fail(List<Entry> group, Exception failure) {
    group.forEach(entry -> entry.fail(failure));
  }

  private List<Entry> next() {
    List<Entry> group = new ArrayList<>();
    synchronized (waiting) {
      while (!waiting.isEmpty() && group.size() < MAX_FILES) {
        group.add(waiting.remove());
      }
      running = !group.isEmpty();
    }
    return group;
  }

  private void commit(List<Entry> group) {
    sideBySide(group, Entry::write);
    Map<Path, List<Entry>> byDirectory = new HashMap<>();
    for (Entry entry : group) {
      if (entry.file != null) {
        byDirectory.computeIfAbsent(entry.target.getParent(), none -> new ArrayList<>()).add(entry);
      }
    }
    byDirectory.entrySet().removeIf(directory -> !name(directory.getKey(), directory.getValue()));
    // Only when all have their names: the journal takes them together, with the first flush.
    sideBySide(List.copyOf(byDirectory.entrySet()), this::flush);
  }

  private <T> void sideBySide(List<T> all, Consumer<T> work) {
    CompletableFuture<?>[] others =
        IntStream.range(1, Math.min(MAX_THREADS, all.size()))
            .mapToObj(first -> beside(() -> share(all, first, work)))
            .toArray(CompletableFuture<?>[]::new);
    share(all, 0, work);
    CompletableFuture.allOf(others).join();
  }

  private static <T> void share(List<T> all, int first, Consumer<T> work) {
    for (int i = first; i < all.size(); i += MAX_THREADS) {
      work.accept(all.get(i));
    }
  }

  private CompletableFuture<?> beside(Runnable task) {
    try {
      return CompletableFuture.runAsync(task, threads);
    } catch (RejectedExecutionException e) { // The store is being closed: what has begun ends.
      task.run();
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Says whether the directory is there; what of its files could not be moved has failed. */
  private boolean name(Path directory, List<Entry> entries) {
    try {
      directories.require(directory);
    } catch (IOException e) {
      fail(entries, e);
      return false;
    }
    for (Entry entry : entries) {
      entry.move();
      watcher.accept(entry.target);
    }
    return true;
  }

  private void flush(Map.Entry<Path, List<Entry>> directory) {
    List<Entry> entries = directory.getValue();
    try {
      directories.flush(directory.getKey());
      entries.forEach(Entry::end);
    } catch (IOException e) {
      fail(entries, e);
    }
  }

  /** One file; of one thread at a time. */
  private static final class Entry {
    final Path target;
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Source source;
    private Incoming.NewFile file;
    private boolean moved;

    Entry(Path target, Source source) {
      this.target = target;
      this.source = source;
    }

    void write() {
      if (done.isDone()) {
        return;
      }
      try {
        file = source.file();
        file.finish();
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    void move() {
      try {
        file.moveTo(target);
        moved = true;
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    /** Nothing where it has failed. */
    void end() {
      done.complete(null);
    }

    void fail(Exception failure) {
      if (file != null && !moved) {
        file.discard();
        file = null;
      }
      done.completeExceptionally(failure);
    }
  }
}
