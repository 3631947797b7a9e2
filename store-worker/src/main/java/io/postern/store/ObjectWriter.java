package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * Writes one object as its slices come, on the threads of a pool, one call at a time. What comes in
 * a single slice is put as one, with others at the same time where the store gains by it; anything
 * larger is uploaded in pieces.
 */
final class ObjectWriter {
  private final ObjectStore store;
  private final String key;
  private final Serial serial;

  /** Read by tasks that were waiting when the job was dropped: they write nothing any more. */
  private volatile boolean dropped;

  // Of the pool's threads, one at a time.
  private ObjectStore.Upload upload;
  private StoreException failure;

  // Of the worker's thread.
  private boolean begun;
  private CompletableFuture<Void> putting = CompletableFuture.completedFuture(null);

  /**
   * @param serial where all calls to the store run
   */
  ObjectWriter(ObjectStore store, String key, Serial serial) {
    this.store = store;
    this.key = key;
    this.serial = serial;
  }

  /** A call to the store. */
  private interface Call<T> {
    T run() throws StoreException;
  }

  /** Asks whether the object is there; {@code done} hears it on a thread of the pool. */
  void look(BiConsumer<Boolean, StoreException> done) {
    call(() -> store.stat(key).isPresent(), done);
  }

  /** Writes a slice; with the last one the object is durable. */
  void write(byte[] octets, boolean last, BiConsumer<Void, StoreException> done) {
    if (last && !begun) {
      putting = store.putSoon(key, octets, serial);
      putting.whenComplete((nothing, thrown) -> done.accept(null, storeFailure(thrown)));
      return;
    }
    begun = true;
    call(
        () -> {
          store(octets, last);
          return null;
        },
        done);
  }

  private static StoreException storeFailure(Throwable thrown) {
    return thrown == null || thrown instanceof StoreException
        ? (StoreException) thrown
        : new StoreException(StoreException.Category.TEMPORARY, thrown.toString(), thrown);
  }

  /** Writes nothing any more, and leaves no unfinished upload behind. */
  void drop() {
    dropped = true;
    putting.cancel(false);
    serial.execute(
        () -> {
          if (upload != null) {
            upload.abort();
            upload = null;
          }
        });
  }

  /** After the first failure nothing is called any more. */
  private <T> void call(Call<T> call, BiConsumer<T, StoreException> done) {
    serial.execute(
        () -> {
          T result = null;
          try {
            if (failure == null && !dropped) {
              result = call.run();
            }
          } catch (StoreException e) {
            failure = e;
          } catch (RuntimeException e) {
            // A client's undeclared exception says nothing about the message.
            failure = new StoreException(StoreException.Category.TEMPORARY, e.toString(), e);
          }
          done.accept(result, failure);
        });
  }

  private void store(byte[] octets, boolean last) throws StoreException {
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
