package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;

/**
 * Writes one object as its slices come, on the threads of a pool, one slice at a time. What comes
 * in a single slice is put at once, anything larger is uploaded in pieces.
 */
final class ObjectWriter {
  private final ObjectStore store;
  private final String key;
  private final Serial serial;
  private ObjectStore.Upload upload;
  private boolean dropped;

  /** The first failure; nothing is written after it. */
  private StoreException failure;

  /**
   * @param key of the object
   * @param serial where all calls to the store run
   */
  ObjectWriter(ObjectStore store, String key, Serial serial) {
    this.store = store;
    this.key = key;
    this.serial = serial;
  }

  /** Hears, on a thread of the pool, how a slice fared. */
  interface Done {
    void slice(StoreException failure);
  }

  void write(byte[] octets, boolean last, Done done) {
    serial.execute(
        () -> {
          if (failure == null && !dropped) {
            try {
              store(octets, last);
            } catch (StoreException e) {
              failure = e;
            } catch (RuntimeException e) {
              // A client's undeclared exception says nothing about the message.
              failure = new StoreException(StoreException.Category.TEMPORARY, e.toString(), e);
            }
          }
          done.slice(failure);
        });
  }

  /** Leaves no unfinished upload behind. */
  void drop() {
    serial.execute(
        () -> {
          dropped = true;
          if (upload != null) {
            upload.abort();
            upload = null;
          }
        });
  }

  private void store(byte[] octets, boolean last) throws StoreException {
    if (last && upload == null) {
      store.put(key, octets);
      return;
    }
    if (upload == null) {
      upload = store.begin(key);
    }
    upload.write(octets, 0, octets.length);
    if (last) {
      upload.complete();
      upload = null;
    }
  }
}
