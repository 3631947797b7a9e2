package io.postern.pop3;

import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import io.postern.protocol.pop3.Maildrop;
import io.postern.protocol.pop3.MessageStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mailbox for one session: a snapshot of its messages, and the keys that open them. */
final class StoreMaildrop implements Maildrop {
  private static final Logger LOG = LoggerFactory.getLogger(StoreMaildrop.class);

  /** As many as one bulk request to an S3 store deletes. */
  private static final int DELETE_BATCH = 1000;

  /** What all sessions share. */
  record Shared(
      ObjectStore store,
      Ledger ledger,
      Workers workers,
      MemoryBudget fetchAhead,
      Pop3Meters meters,
      InstantSource clock) {}

  private final Shared shared;
  private final Snapshot snapshot;
  private final SessionKeys keys;
  private final Executor loop;
  private final FetchAhead fetchAhead;
  private final FetchedFacts fetched;

  /**
   * A maildrop.
   *
   * @param keys wiped by {@link #close}
   * @param loop the session's event loop
   */
  StoreMaildrop(Shared shared, Snapshot snapshot, SessionKeys keys, Executor loop) {
    this.shared = shared;
    this.snapshot = snapshot;
    this.keys = keys;
    this.loop = loop;
    this.fetchAhead = new FetchAhead(snapshot, shared, this::fetch);
    this.fetched = new FetchedFacts(shared.ledger(), snapshot, shared.clock());
  }

  @Override
  public int count() {
    return snapshot.count();
  }

  @Override
  public String uid(int index) {
    return snapshot.messageId(index);
  }

  @Override
  public long sizeBytes(int index) {
    return snapshot.sizeBytes(index);
  }

  @Override
  public CompletionStage<MessageStream> open(int index) {
    return fetchAhead.take(index).orElseGet(() -> fetch(index)).opened();
  }

  private StoredMessage fetch(int index) {
    MessageReader reader =
        new MessageReader(shared.store(), snapshot.key(index), snapshot.objectBytes(index), keys);
    return new StoredMessage(reader, shared, loop, () -> fetched.add(index));
  }

  /**
   * First the ledger, then the store: a message that is gone without a word in the ledger would be
   * put back by a replay, and one that the ledger calls deleted but is still there can be deleted
   * again. Goes on where the session ends meanwhile.
   */
  @Override
  public CompletionStage<Void> delete(BitSet indexes) {
    BitSet marked = (BitSet) indexes.clone();
    return OnLoop.of(
        deleteFrom(marked, 0)
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    LOG.warn(
                        "mailbox {}: not all of {} messages deleted: {}",
                        snapshot.mailboxId(),
                        marked.cardinality(),
                        failure.toString());
                  }
                }),
        loop);
  }

  private CompletionStage<Void> deleteFrom(BitSet marked, int from) {
    List<Integer> batch = new ArrayList<>();
    for (int index = marked.nextSetBit(from);
        index >= 0 && batch.size() < DELETE_BATCH;
        index = marked.nextSetBit(index + 1)) {
      batch.add(index);
    }
    if (batch.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    List<String> keys = batch.stream().map(snapshot::key).toList();
    return shared
        .ledger()
        .write(batch.stream().map(this::deleted).toList())
        .thenCompose(
            acknowledged ->
                shared
                    .workers()
                    .goOn(
                        () -> {
                          shared.store().delete(keys);
                          shared.meters().deleted(keys.size());
                          return null;
                        }))
        .thenCompose(done -> deleteFrom(marked, batch.get(batch.size() - 1) + 1));
  }

  private Fact deleted(int index) {
    Instant now = shared.clock().instant();
    return new Fact(Fact.Kind.DELETED, snapshot.messageId(index), snapshot.mailboxId(), now, null);
  }

  @Override
  public void close() {
    fetchAhead.close();
    fetched.flush();
    keys.wipe();
  }
}
