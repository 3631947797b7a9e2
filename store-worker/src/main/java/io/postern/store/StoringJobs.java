package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.CopySet;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.RecentCopies;
import io.postern.pipeline.Slice;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.InFlight;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.WorkerSettings;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/** Opens a {@link StoringJob} for each copy that is not stored yet. */
final class StoringJobs implements Job.Factory {
  private final ObjectStore store;
  private final Ledger ledger;
  private final InstantSource clock;
  private final Executor pool;
  private final Executor loop;
  private final InFlight inFlight;
  private final RecentCopies recent;

  /**
   * Copies whose object is there while the ledger does not say so yet. To write the object again
   * could bring back what its owner has fetched and deleted meanwhile.
   */
  private final Set<String> unrecorded = new HashSet<>();

  /**
   * @param pool where the store's blocking calls run
   * @param loop runs tasks on the worker's thread
   */
  StoringJobs(
      ObjectStore store,
      Ledger ledger,
      InstantSource clock,
      Executor pool,
      Executor loop,
      InFlight inFlight,
      WorkerSettings settings) {
    this.store = store;
    this.ledger = ledger;
    this.clock = clock;
    this.pool = pool;
    this.loop = loop;
    this.inFlight = inFlight;
    this.recent = new RecentCopies(settings.recentCopies());
  }

  @Override
  public String unit(Slice slice) {
    // Slices after the first need not name a mailbox to parse; a sealed one that does not is lost.
    return slice.messageId() + "/" + String.join(",", slice.mailboxIds());
  }

  @Override
  public Optional<Job> open(Delivery first, CopySet finished) {
    String messageId = first.slice().messageId();
    String mailboxId = first.slice().mailboxIds().get(0);
    if (finished.contains(messageId, mailboxId) || recent.contains(messageId, mailboxId)) {
      return Optional.empty();
    }
    return Optional.of(new StoringJob(this, first.slice()));
  }

  @Override
  public long heldBytes(Delivery first) {
    return store.uploadBytes();
  }

  ObjectWriter writer(String key) {
    return new ObjectWriter(store, key, new Serial(pool));
  }

  boolean isUnrecorded(Slice slice) {
    return unrecorded.contains(unit(slice));
  }

  void written(Slice slice) {
    unrecorded.add(unit(slice));
  }

  void recorded(Slice slice) {
    unrecorded.remove(unit(slice));
    recent.add(slice.messageId(), slice.mailboxIds().get(0));
  }

  Ledger ledger() {
    return ledger;
  }

  InstantSource clock() {
    return clock;
  }

  Executor loop() {
    return loop;
  }

  InFlight inFlight() {
    return inFlight;
  }
}
