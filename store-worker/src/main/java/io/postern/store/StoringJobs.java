package io.postern.store;

import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.FinishedCopies;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.RecentCopies;
import io.postern.pipeline.Slice;
import io.postern.pipeline.work.DeadReason;
import io.postern.pipeline.work.DeadReason.Category;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.InFlight;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.Outcome;
import io.postern.pipeline.work.WorkerSettings;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;

/** Opens a {@link StoringJob} for each copy that is not stored yet. */
final class StoringJobs implements Job.Factory {
  /**
   * What all jobs of a worker share.
   *
   * @param finished what the ledger says now
   * @param pool where the store's blocking calls run
   * @param loop runs tasks on the worker's thread
   */
  record Tools(
      ObjectStore store,
      Ledger ledger,
      FinishedCopies finished,
      InstantSource clock,
      Executor pool,
      Executor loop,
      InFlight inFlight,
      WorkerSettings settings) {}

  /** What is known of a copy's object when it is about to be completed. */
  enum State {
    /** It is there, and the ledger says so: nothing is left to be done. */
    FINISHED,
    /**
     * It is there while the ledger does not say so yet. To write it again could bring back what its
     * owner has fetched and deleted meanwhile.
     */
    UNRECORDED,
    /** It may be there: another worker may have written it, or a call that failed. */
    DOUBTFUL,
    /** Nobody can have written it. */
    ABSENT
  }

  private final Tools tools;
  private final RecentCopies recent;

  private final Set<String> unrecorded = new HashSet<>();

  /** Copies for which a call to the store failed here. */
  private final Set<String> doubtful = new HashSet<>();

  /** For each copy that is being completed, the other attempts that want to complete it. */
  private final Map<String, Queue<Runnable>> completing = new HashMap<>();

  StoringJobs(Tools tools) {
    this.tools = tools;
    this.recent = new RecentCopies(tools.settings().recentCopies());
  }

  @Override
  public String unit(Slice slice) {
    // Later slices parse without a mailbox too; a sealed one that names none belongs to nobody.
    return slice.messageId() + "/" + String.join(",", slice.mailboxIds());
  }

  @Override
  public Optional<Job> open(Delivery first, Job.Past past) {
    Slice slice = first.slice();
    String mailboxId = slice.mailboxIds().get(0);
    if (past.finished().contains(slice.messageId(), mailboxId)
        || recent.contains(slice.messageId(), mailboxId)) {
      return Optional.empty();
    }
    return Optional.of(
        slice.headerLength() > 0
            ? new StoringJob(this, tools, slice, past)
            : Job.failed(
                Outcome.dead(DeadReason.of(Category.MALFORMED, "a copy lacks header-length"))));
  }

  @Override
  public long heldBytes(Delivery first) {
    return tools.store().uploadBytes();
  }

  /**
   * Runs {@code step} now, or after the attempts that complete this copy already: two must not
   * write it, lest the later one brings it back after its owner has deleted it.
   */
  void enter(Slice slice, Runnable step) {
    Queue<Runnable> others = completing.get(unit(slice));
    if (others == null) {
      completing.put(unit(slice), new ArrayDeque<>());
      step.run();
    } else {
      others.add(step);
    }
  }

  /** Lets the next attempt in, if one waits. */
  void leave(Slice slice) {
    Runnable next = completing.get(unit(slice)).poll();
    if (next == null) {
      completing.remove(unit(slice));
    } else {
      next.run();
    }
  }

  State state(Slice slice, Job.Past past) {
    if (recent.contains(slice.messageId(), slice.mailboxIds().get(0))) {
      return State.FINISHED;
    }
    if (unrecorded.contains(unit(slice))) {
      return State.UNRECORDED;
    }
    return past.mayHaveRun() || doubtful.contains(unit(slice)) ? State.DOUBTFUL : State.ABSENT;
  }

  void failed(Slice slice) {
    doubtful.add(unit(slice));
  }

  void written(Slice slice) {
    unrecorded.add(unit(slice));
  }

  void finished(Slice slice) {
    unrecorded.remove(unit(slice));
    doubtful.remove(unit(slice));
    recent.add(slice.messageId(), slice.mailboxIds().get(0));
  }
}
