package io.postern.pipeline.work;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.Slice;
import java.util.Optional;
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

  /** Opens jobs: the part in which the workers differ. */
  interface Factory {
    /** What is done once, however many attempts there are: names the message, or one copy. */
    String unit(Slice slice);

    /**
     * A job for the message that starts here, or empty where nothing is left to be done for it.
     *
     * @param first its first slice
     * @param finished copies that were stored before this worker got the partition
     */
    Optional<Job> open(Delivery first, CopySet finished);

    /** Octets that the job will hold from its first to its last slice. */
    long heldBytes(Delivery first);
  }
}
