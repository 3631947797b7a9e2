package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.CopySet;
import io.postern.pipeline.FinishedCopies;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.Slice;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.Outcome;
import io.postern.pipeline.work.Sweep;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Writes copies from {@code sealed} into the object store once more, in the way of a store-worker:
 * first it looks whether the object is there, then it asks the ledger whether its owner has deleted
 * it, then it writes, then it says so. Harmless beside running workers and when done twice.
 */
public final class SealedReplay {
  private static final long STOP_SECONDS = 10;

  /** What is to be done about a copy. */
  public enum Choice {
    LEAVE,
    /** Write it, unless its object is there or it was deleted meanwhile. */
    PUT_BACK,
    /** Write it over the object that is there, which is damaged. */
    REPLACE
  }

  /** Decides, and hears what came of it; on the thread that runs the replay. */
  public interface Chooser {
    /**
     * Chooses.
     *
     * @param partition of {@code sealed}
     * @param firstOffset of the attempt
     */
    Choice choose(String messageId, String mailboxId, int partition, long firstOffset);

    /** The copy is in the store now; in a dry run, it would be. Called once for each attempt. */
    void done(String messageId, String mailboxId, long octets);

    /** The store refuses to hold it, for good. */
    void refused(String messageId, String mailboxId, String why);
  }

  private final StoreSettings settings;
  private final ObjectStore store;
  private final Ledger ledger;
  private final FinishedCopies deleted;
  private final InstantSource clock;

  /**
   * A replay.
   *
   * @param deleted tells which copies have been deleted by now
   */
  public SealedReplay(
      StoreSettings settings,
      ObjectStore store,
      Ledger ledger,
      FinishedCopies deleted,
      InstantSource clock) {
    this.settings = settings;
    this.store = store;
    this.ledger = ledger;
    this.deleted = deleted;
    this.clock = clock;
  }

  /**
   * Goes through {@code sealed} once. Blocks.
   *
   * @param dryRun whether only to say what would be done
   * @param progress hears how many records have been read
   */
  public void run(
      Supplier<TopicReader> sealed, Chooser chooser, boolean dryRun, LongConsumer progress) {
    ExecutorService pool = Executors.newFixedThreadPool(settings.storeThreads());
    try {
      new Sweep(
              settings.worker(),
              (loop, inFlight) ->
                  new Choosing(
                      chooser,
                      new StoringJobs(
                          new StoringJobs.Tools(
                              store,
                              ledger,
                              deleted,
                              clock,
                              pool,
                              loop,
                              inFlight,
                              settings.worker())),
                      dryRun),
              clock,
              progress)
          .run(sealed);
    } finally {
      pool.shutdown();
      try {
        pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Opens a store-worker's jobs for what is chosen. */
  private static final class Choosing implements Job.Factory {
    private final Chooser chooser;
    private final StoringJobs storing;
    private final boolean dryRun;

    Choosing(Chooser chooser, StoringJobs storing, boolean dryRun) {
      this.chooser = chooser;
      this.storing = storing;
      this.dryRun = dryRun;
    }

    @Override
    public String unit(Slice slice) {
      return storing.unit(slice);
    }

    @Override
    public Optional<Job> open(Delivery first, Job.Past past) {
      Slice slice = first.slice();
      if (slice.mailboxIds().size() != 1 || slice.headerLength() == 0) {
        return Optional.empty();
      }
      Choice choice =
          chooser.choose(
              slice.messageId(), slice.mailboxIds().get(0), first.partition(), first.offset());
      // To replace is to write without a look: what is there is known to be wrong.
      boolean lookFirst = choice == Choice.PUT_BACK;
      return choice == Choice.LEAVE
          ? Optional.empty()
          : (dryRun
                  ? Optional.<Job>of(new Counting())
                  : storing.open(first, new Job.Past(new CopySet(), lookFirst)))
              .map(job -> new Telling(job, slice, chooser));
    }

    @Override
    public long heldBytes(Delivery first) {
      return dryRun ? 0 : storing.heldBytes(first);
    }
  }

  /** Reads a copy to its end. */
  private static final class Counting implements Job {
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    @Override
    public void take(Delivery delivery) {
      if (delivery.slice().isLast()) {
        outcome.complete(Outcome.DONE);
      }
    }

    @Override
    public CompletionStage<Outcome> outcome() {
      return outcome;
    }

    @Override
    public void drop() {}
  }

  /** Tells the chooser how a job ended. */
  private static final class Telling implements Job {
    private final Job job;
    private final Slice first;
    private final Chooser chooser;
    private long octets;

    Telling(Job job, Slice first, Chooser chooser) {
      this.job = job;
      this.first = first;
      this.chooser = chooser;
    }

    @Override
    public void take(Delivery delivery) {
      octets += delivery.slice().octets().length;
      job.take(delivery);
    }

    @Override
    public CompletionStage<Outcome> outcome() {
      return job.outcome().thenApply(this::tell);
    }

    private Outcome tell(Outcome outcome) {
      String mailboxId = first.mailboxIds().get(0);
      switch (outcome.kind()) {
        case DONE -> chooser.done(first.messageId(), mailboxId, octets);
        case DEAD -> chooser.refused(first.messageId(), mailboxId, outcome.reason().text());
        case RETRY -> {}
      }
      return outcome;
    }

    @Override
    public void drop() {
      job.drop();
    }
  }
}
