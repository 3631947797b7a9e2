package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.maildrop.StoreException.Category;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Objects in memory; a put may fail before or after its effect. Tells of every object written. */
final class SimulatedStore implements ObjectStore {
  private final TreeMap<String, byte[]> objects = new TreeMap<>();
  private final Random dice;
  private final BiConsumer<String, byte[]> watcher;
  private final Map<Object, Integer> uploads = new IdentityHashMap<>();
  private boolean faults = true;
  private Object process;

  SimulatedStore(Random dice, BiConsumer<String, byte[]> watcher) {
    this.dice = dice;
    this.watcher = watcher;
  }

  void heal() {
    faults = false;
  }

  /** Says which process makes the calls that follow. */
  void calledBy(Object caller) {
    process = caller;
  }

  /** A killed process leaves its uploads behind; real stores remove them by and by. */
  void forget(Object killed) {
    uploads.remove(killed);
  }

  int uploads() {
    return uploads.values().stream().mapToInt(Integer::intValue).sum();
  }

  List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  @Override
  public void put(String key, byte[] octets) throws StoreException {
    mayFail();
    watcher.accept(key, octets);
    objects.put(key, octets);
    mayFail();
  }

  @Override
  public int uploadBytes() {
    return 100;
  }

  @Override
  public Upload begin(String key) throws StoreException {
    mayFail();
    uploads.merge(process, 1, Integer::sum);
    return new Upload() {
      private final ByteArrayOutputStream content = new ByteArrayOutputStream();
      private boolean over;

      @Override
      public void write(byte[] octets, int offset, int length) throws StoreException {
        mayFail();
        content.write(octets, offset, length);
      }

      @Override
      public int heldBytes() {
        return content.size();
      }

      @Override
      public void complete() throws StoreException {
        put(key, content.toByteArray());
        abort();
      }

      @Override
      public void abort() {
        if (!over) {
          over = true;
          uploads.merge(process, -1, Integer::sum);
        }
      }
    };
  }

  @Override
  public InputStream get(String key, long offset) throws StoreException {
    byte[] octets = objects.get(key);
    if (octets == null) {
      throw new StoreException(Category.NOT_FOUND, key, null);
    }
    return new ByteArrayInputStream(octets, (int) offset, octets.length - (int) offset);
  }

  @Override
  public Optional<Entry> stat(String key) throws StoreException {
    mayFail();
    return Optional.ofNullable(objects.get(key)).map(octets -> new Entry(key, octets.length));
  }

  @Override
  public List<Entry> list(String prefix, String after, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> folders(String prefix) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(Collection<String> keys) {
    keys.forEach(objects::remove);
  }

  @Override
  public void close() {}

  private void mayFail() throws StoreException {
    if (faults && dice.nextInt(30) == 0) {
      throw new StoreException(Category.TEMPORARY, "simulated", null);
    }
  }
}
