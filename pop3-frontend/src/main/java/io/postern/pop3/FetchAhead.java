package io.postern.pop3;

import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Fetches the next small messages while one is being sent, for as long as the client goes forward.
 * Large ones need it not: their reading ahead is their own. Lives on the session's event loop.
 */
final class FetchAhead {
  private static final int WINDOW_MESSAGES = 8;
  private static final long WINDOW_BYTES = 1024 * 1024;

  /** What fits into one age chunk comes as one piece: reading it ahead holds all of it. */
  private static final long SMALL_BYTES = 64 * 1024;

  private final Snapshot snapshot;
  private final StoreMaildrop.Shared shared;
  private final IntFunction<StoredMessage> fetch;
  private final TreeMap<Integer, StoredMessage> fetched = new TreeMap<>();
  private long heldBytes;
  private int latest = -1;

  /**
   * Nothing yet.
   *
   * @param fetch begins to fetch a message
   */
  FetchAhead(Snapshot snapshot, StoreMaildrop.Shared shared, IntFunction<StoredMessage> fetch) {
    this.snapshot = snapshot;
    this.shared = shared;
    this.fetch = fetch;
  }

  /** The message, where it has been fetched; then fetches what probably comes next. */
  Optional<StoredMessage> take(int index) {
    boolean forward = index > latest && index <= latest + WINDOW_MESSAGES;
    latest = index;
    StoredMessage found = fetched.remove(index);
    if (found != null) {
      release(index);
    }
    if (forward) {
      discard(fetched.headMap(index));
      fill(index + 1);
    } else {
      discard(fetched);
    }
    if (found == null || found.failed()) {
      // One that failed is worth another try, now that it is really wanted.
      return Optional.empty();
    }
    shared.meters().fetchedAhead();
    return Optional.of(found);
  }

  private void fill(int from) {
    int end = Math.min(from + WINDOW_MESSAGES, snapshot.count());
    for (int index = from; index < end && shared.workers().idle(); index++) {
      if (!fetched.containsKey(index) && fits(index) && shared.fetchAhead().take(cost(index))) {
        heldBytes += cost(index);
        fetched.put(index, fetch.apply(index));
      }
    }
  }

  private boolean fits(int index) {
    return cost(index) <= SMALL_BYTES && heldBytes + cost(index) <= WINDOW_BYTES;
  }

  private long cost(int index) {
    return snapshot.sizeBytes(index);
  }

  private void release(int index) {
    heldBytes -= cost(index);
    shared.fetchAhead().giveBack(cost(index));
  }

  private void discard(Map<Integer, StoredMessage> unwanted) {
    Iterator<Map.Entry<Integer, StoredMessage>> entries = unwanted.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Integer, StoredMessage> entry = entries.next();
      entry.getValue().close();
      release(entry.getKey());
      entries.remove();
    }
  }

  void close() {
    discard(fetched);
  }
}
