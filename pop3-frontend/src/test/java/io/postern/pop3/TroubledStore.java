package io.postern.pop3;

import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A store in memory that makes trouble where a test wants it, and counts what is read. */
final class TroubledStore implements ObjectStore {
  /** Prefixes of keys that cannot be listed. */
  final Set<String> unlistable = ConcurrentHashMap.newKeySet();

  /** Keys that are listed but not found. */
  final Set<String> vanished = ConcurrentHashMap.newKeySet();

  /** Prefixes of keys that cannot be deleted. */
  final Set<String> undeletable = ConcurrentHashMap.newKeySet();

  /** Every transfer breaks once it has brought so many octets. */
  volatile long breakAfterBytes = Long.MAX_VALUE;

  /** Told of what has been deleted. */
  volatile Consumer<Collection<String>> deletions = keys -> {};

  final AtomicLong readBytes = new AtomicLong();
  final AtomicInteger openStreams = new AtomicInteger();

  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  @Override
  public void put(String key, byte[] octets) {
    objects.put(key, octets);
  }

  @Override
  public Upload begin(String key) {
    throw new UnsupportedOperationException("nobody uploads here");
  }

  @Override
  public InputStream get(String key, long offset) throws StoreException {
    byte[] octets = objects.get(key);
    if (octets == null || vanished.contains(key)) {
      throw new StoreException(StoreException.Category.NOT_FOUND, key, null);
    }
    openStreams.incrementAndGet();
    return new Counted(octets, (int) offset);
  }

  @Override
  public Optional<Entry> stat(String key) {
    return Optional.ofNullable(objects.get(key)).map(octets -> new Entry(key, octets.length));
  }

  @Override
  public List<Entry> list(String prefix, String after, int limit) throws StoreException {
    if (unlistable.stream().anyMatch(prefix::startsWith)) {
      throw away();
    }
    return objects.tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .filter(entry -> entry.getKey().compareTo(after) > 0)
        .limit(limit)
        .map(entry -> new Entry(entry.getKey(), entry.getValue().length))
        .toList();
  }

  @Override
  public List<String> folders(String prefix) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    if (keys.stream().anyMatch(key -> undeletable.stream().anyMatch(key::startsWith))) {
      throw away();
    }
    objects.keySet().removeAll(keys);
    deletions.accept(keys);
  }

  @Override
  public void close() {}

  private static StoreException away() {
    return new StoreException(StoreException.Category.TEMPORARY, "away", null);
  }

  private final class Counted extends FilterInputStream {
    private long countBytes;
    private boolean open = true;

    private Counted(byte[] octets, int offset) {
      super(new ByteArrayInputStream(octets, offset, octets.length));
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
      if (countBytes >= breakAfterBytes) {
        throw away();
      }
      int count = super.read(octets, offset, (int) Math.min(length, breakAfterBytes - countBytes));
      countBytes += Math.max(count, 0);
      readBytes.addAndGet(Math.max(count, 0));
      return count;
    }

    @Override
    public void close() throws IOException {
      if (open) {
        open = false;
        openStreams.decrementAndGet();
      }
      super.close();
    }
  }
}
