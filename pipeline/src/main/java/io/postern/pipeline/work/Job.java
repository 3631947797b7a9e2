package io.postern.pipeline.work;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.Slice;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a worker makes of one attempt at a message, slice by slice. All calls come from the worker's
 * thread.
 */
public interface Job {
  /** Takes the next slice, in sequence. A thrown exception makes the message a dead letter. */
  void take(Delivery delivery);

  /** Completes once: after the last slice when all is durable, or early where it fails. */
  CompletionStage<Outcome> outcome();

  /** Lets go of everything; whatever the job still has under way counts no more. */
  void drop();

  /** A job that fails with its first slice. */
  static Job failed(Outcome outcome) {
    return new Job() {
      @Override
      public void take(Delivery delivery) {}

      @Override
      public CompletionStage<Outcome> outcome() {
        return CompletableFuture.completedFuture(outcome);
      }

      @Override
      public void drop() {}
    };
  }

  /**
   * What a worker knows of the time before it got a partition.
   *
   * @param finished copies that were stored then, or deleted again, as the ledger says
   * @param mayHaveRun whether another worker may have had this very message, and may have stored it
   *     without a fact in the ledger
   */
  record Past(CopySet finished, boolean mayHaveRun) {}

  /** Opens jobs: the part in which the workers differ. */
  interface Factory {
    /** What is done once, however many attempts there are: names the message, or one copy. */
    String unit(Slice slice);

    /**
     * A job for the message that starts here, or empty where nothing is left to be done for it.
     *
     * @param first its first slice
     * @param past what happened before this worker got the partition
     */
    Optional<Job> open(Delivery first, Past past);

    /** Octets that the job will hold from its first to its last slice. */
    long heldBytes(Delivery first);
  }
}
