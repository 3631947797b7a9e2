package io.postern.maildrop;

import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A store of whole objects under keys like {@code mailboxes/ID/mail/NAME}. Blocking; safe for use
 * by many threads. What a call has written is durable when it returns. Every failure is a {@link
 * StoreException} with its category.
 */
public interface ObjectStore extends AutoCloseable {
  /** An object's key and size in octets. */
  record Entry(String key, long sizeBytes) {}

  /** Writes a whole object, or replaces it, in one step: readers see the old or the new one. */
  void put(String key, byte[] octets) throws StoreException;

  /**
   * Writes a whole object as {@link #put} does, and does not wait for it: the result completes once
   * the object is durable, or with a {@link StoreException}, on any thread. Completing the result
   * before the write has begun, as by cancelling it, prevents the write.
   *
   * @param pool where a store blocks that has no better way to write many at once
   */
  default CompletableFuture<Void> putSoon(String key, byte[] octets, Executor pool) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    pool.execute(
        () -> {
          if (result.isDone()) {
            return;
          }
          try {
            put(key, octets);
            result.complete(null);
          } catch (StoreException e) {
            result.completeExceptionally(e);
          } catch (RuntimeException e) {
            // A client's undeclared exception says nothing about the object.
            result.completeExceptionally(
                new StoreException(StoreException.Category.TEMPORARY, e.toString(), e));
          }
        });
    return result;
  }

  /** Begins an object that comes in pieces; it is visible only once completed. */
  Upload begin(String key) throws StoreException;

  /** The most octets that one {@link Upload} holds in memory, so that callers can bound theirs. */
  default int uploadBytes() {
    return 64 * 1024;
  }

  /**
   * The octets from {@code offset} to the end. Close it. NOT_FOUND where there is no such object.
   */
  InputStream get(String key, long offset) throws StoreException;

  Optional<Entry> stat(String key) throws StoreException;

  /**
   * Up to {@code limit} objects whose keys start with {@code prefix} and sort after {@code after},
   * in the keys' octet order.
   */
  List<Entry> list(String prefix, String after, int limit) throws StoreException;

  /**
   * What keys have between {@code prefix} and the next slash, each once and in octet order: what S3
   * calls common prefixes. The objects in a folder are not listed for it.
   *
   * @param prefix empty, or with a slash at its end
   */
  List<String> folders(String prefix) throws StoreException;

  /** Takes what a listing finds. */
  interface Listed {
    /**
     * @param name what the key has behind the prefix
     */
    void take(String name, long sizeBytes);
  }

  /**
   * All objects whose keys start with {@code prefix}, in the keys' octet order: for very many of
   * them, whose keys need not be made.
   */
  default void list(String prefix, Listed listed) throws StoreException {
    for (Entry entry : list(prefix, "", Integer.MAX_VALUE)) {
      listed.take(entry.key().substring(prefix.length()), entry.sizeBytes());
    }
  }

  /** Deletes objects, in bulk where the store can; absent ones are no error. */
  void delete(Collection<String> keys) throws StoreException;

  @Override
  void close();

  /** An object that comes in pieces. Not thread-safe. */
  interface Upload {
    void write(byte[] octets, int offset, int length) throws StoreException;

    /** Octets that this upload holds in memory now. */
    int heldBytes();

    /** Makes the object durable and visible. */
    void complete() throws StoreException;

    /** Leaves nothing behind. Harmless after {@link #complete} and when called twice. */
    void abort();
  }
}
