package io.postern.maildrop;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Remembers the files of directories that were listed lately, but of small ones, with their sizes:
 * to ask the operating system for each of those is most of what a listing costs. Names are read
 * again wherever the directory may have changed, so what other processes add or remove is seen at
 * once. What this process replaces is forgotten at once. Only a file that another process replaces
 * by one of another size, which happens when a damaged object is mended, can keep its old size
 * here, and for ten minutes at most. That begins anew where sizes from before a start are first
 * used.
 */
final class KnownFiles {
  private static final Duration MAX_AGE = Duration.ofMinutes(10);

  /** Smaller directories are read fast enough. */
  private static final int MIN_FILES = 32;

  /**
   * A directory that was changed so long before its names were read has another time of
   * modification after the next change: file systems count in ticks of up to two seconds.
   */
  private static final Duration TICK = Duration.ofSeconds(2);

  /**
   * The same where they keep what the kernel's clock says: it ticks a hundred times a second, and
   * may be late by some ticks.
   */
  private static final Duration FINE_TICK = Duration.ofMillis(500);

  private final InstantSource clock;
  private final long maxFiles;
  private final KeptListings kept;
  private final Map<Path, Known> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Path, Set<Listing>> listings = new HashMap<>();
  private long files;

  /**
   * @param settled when the directory had been modified last; absent where that says nothing of
   *     what it holds
   * @param kept whether sizes are from an earlier start
   */
  private record Known(
      ListedFiles files, Instant since, Optional<FileTime> settled, boolean kept) {}

  /**
   * Nothing known yet.
   *
   * @param maxFiles how many files to remember in all directories together, some 100 octets each
   * @param kept what was known before the start
   */
  KnownFiles(InstantSource clock, long maxFiles, KeptListings kept) {
    this.clock = clock;
    this.maxFiles = maxFiles;
    this.kept = kept;
  }

  /**
   * Begins to list a directory. Close it.
   *
   * @param modified when the directory was modified last, read before its names are
   */
  Listing list(Path directory, Optional<FileTime> modified) {
    Listing listing = begin(directory, modified);
    if (listing.before.isEmpty()) {
      kept.read(directory)
          .filter(found -> found.files().count() <= maxFiles)
          .ifPresent(listing::beginWith);
    }
    return listing;
  }

  private synchronized Listing begin(Path directory, Optional<FileTime> modified) {
    Known found = known.get(directory);
    Instant now = clock.instant();
    if (found != null && now.isAfter(found.since.plus(MAX_AGE))) {
      remove(directory);
      found = null;
    }
    Optional<FileTime> settled =
        modified
            .map(FileTime::toInstant)
            .filter(time -> time.plus(tick(time)).isBefore(now))
            .map(FileTime::from);
    Listing listing =
        new Listing(
            directory, Optional.ofNullable(found), found == null ? now : found.since, settled);
    listings.computeIfAbsent(directory, none -> new HashSet<>()).add(listing);
    return listing;
  }

  private static Duration tick(Instant modified) {
    return modified.getNano() % 1_000_000 == 0 ? TICK : FINE_TICK;
  }

  /** A file has been written. */
  synchronized void forget(Path file) {
    Path directory = file.getParent();
    String name = file.getFileName().toString();
    Known found = known.get(directory);
    if (found != null && found.files.forget(name)) {
      kept.forget(directory);
    }
    listings.getOrDefault(directory, Set.of()).forEach(listing -> listing.written.add(name));
  }

  private void remove(Path directory) {
    Known removed = known.remove(directory);
    if (removed != null) {
      files -= removed.files.count();
    }
  }

  private synchronized void end(Listing listing) {
    Set<Listing> others = listings.get(listing.directory);
    others.remove(listing);
    if (others.isEmpty()) {
      listings.remove(listing.directory);
    }
  }

  private synchronized void learn(Listing listing, Known found) {
    remove(listing.directory);
    listing.written.forEach(found.files::forget);
    int count = found.files.count();
    if (count < MIN_FILES || count > maxFiles) {
      return;
    }
    known.put(listing.directory, found);
    files += count;
    Iterator<Known> oldest = known.values().iterator();
    while (files > maxFiles) {
      files -= oldest.next().files.count();
      oldest.remove();
    }
  }

  /** One listing of one directory, from before its names are read. Of one thread. */
  final class Listing implements AutoCloseable {
    private final Path directory;
    private Optional<Known> before;

    /** From when the oldest sizes are. */
    private final Instant since;

    private final Optional<FileTime> settled;

    /** What was written meanwhile: what was seen of it may be old. */
    private final Set<String> written = new HashSet<>();

    private Listing(
        Path directory, Optional<Known> before, Instant since, Optional<FileTime> settled) {
      this.directory = directory;
      this.before = before;
      this.since = since;
      this.settled = settled;
    }

    private void beginWith(KeptListings.Kept found) {
      Known start = new Known(found.files(), since, found.settled(), true);
      before = Optional.of(start);
      KnownFiles.this.learn(this, start);
    }

    /** All that the directory holds, where it has certainly not changed. */
    Optional<ListedFiles> unchanged() {
      if (before.isEmpty() || settled.isEmpty() || !before.get().settled.equals(settled)) {
        return Optional.empty();
      }
      synchronized (KnownFiles.this) {
        return before.get().files.all();
      }
    }

    /** What is known of these names, as of one moment; asks {@code unknown} for the others. */
    ListedFiles known(List<String> names, Consumer<String> unknown) {
      if (before.isEmpty()) {
        names.forEach(unknown);
        return ListedFiles.none();
      }
      ListedFiles files = before.get().files;
      BitSet there = new BitSet(files.count());
      synchronized (KnownFiles.this) {
        for (String name : names) {
          int place = files.find(name);
          if (place < 0) {
            unknown.accept(name);
          } else {
            there.set(place);
          }
        }
        return files.only(there);
      }
    }

    /**
     * Remembers what was found.
     *
     * @param asked of how many the size was not known
     * @param nothingElse whether they are all that the directory holds
     */
    void learn(ListedFiles files, int asked, boolean nothingElse) {
      Optional<FileTime> stands = nothingElse ? settled : Optional.empty();
      boolean fromKept = before.isPresent() && before.get().kept;
      // Sizes from before the start are kept already; that the names can be believed may be new.
      boolean news = !fromKept || before.get().settled.isEmpty() && stands.isPresent();
      KnownFiles.this.learn(this, new Known(files.copy(), since, stands, fromKept));
      if (news && !changed()) {
        kept.write(directory, files, asked, stands, clock.instant());
      }
    }

    private boolean changed() {
      synchronized (KnownFiles.this) {
        return !written.isEmpty();
      }
    }

    @Override
    public void close() {
      end(this);
    }
  }
}
