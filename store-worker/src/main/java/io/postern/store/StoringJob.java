package io.postern.store;

import io.postern.maildrop.MailKey;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.Fact;
import io.postern.pipeline.Slice;
import io.postern.pipeline.work.DeadReason;
import io.postern.pipeline.work.DeadReason.Category;
import io.postern.pipeline.work.Delivery;
import io.postern.pipeline.work.Job;
import io.postern.pipeline.work.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Stores one copy: first the object, then the fact that it is there, then the job is done and its
 * records may be committed. Whichever step fails, the next attempt takes it up there.
 */
final class StoringJob implements Job {
  private final StoringJobs jobs;
  private final Slice first;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  /** Null where the object is there already and only the fact is missing. */
  private final ObjectWriter writer;

  private long sizeBytes;
  private boolean dropped;

  StoringJob(StoringJobs jobs, Slice first) {
    this.jobs = jobs;
    this.first = first;
    boolean nameable = first.headerLength() > 0;
    this.writer = nameable && !jobs.isUnrecorded(first) ? jobs.writer(key(first)) : null;
    if (!nameable) {
      outcome.complete(
          Outcome.dead(DeadReason.of(Category.MALFORMED, "the first slice lacks header-length")));
    }
  }

  @Override
  public void take(Delivery delivery) {
    if (outcome.isDone()) {
      return;
    }
    Slice slice = delivery.slice();
    int length = slice.octets().length;
    sizeBytes += length;
    if (writer != null) {
      jobs.inFlight().add(length);
      writer.write(
          slice.octets(),
          slice.isLast(),
          failure -> {
            jobs.inFlight().remove(length);
            jobs.loop().execute(() -> written(slice, failure));
          });
    } else if (slice.isLast()) {
      record();
    }
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome;
  }

  @Override
  public void drop() {
    dropped = true;
    if (writer != null) {
      writer.drop();
    }
  }

  private void written(Slice slice, StoreException failure) {
    if (dropped) {
      return;
    }
    if (failure != null) {
      outcome.complete(onFailure(failure));
    } else if (slice.isLast()) {
      jobs.written(first);
      record();
    }
  }

  private void record() {
    Fact stored =
        new Fact(
            Fact.Kind.STORED,
            first.messageId(),
            first.mailboxIds().get(0),
            jobs.clock().instant(),
            Long.toString(sizeBytes));
    jobs.ledger()
        .write(List.of(stored))
        .whenComplete((done, error) -> jobs.loop().execute(() -> recorded(error)));
  }

  private void recorded(Throwable error) {
    if (error != null) {
      outcome.complete(Outcome.retry("ledger: " + error.getMessage()));
      return;
    }
    jobs.recorded(first);
    outcome.complete(Outcome.DONE);
  }

  private static Outcome onFailure(StoreException failure) {
    return switch (failure.category()) {
      case INVALID -> Outcome.dead(DeadReason.of(Category.REFUSED, failure.getMessage()));
      // Wrong credentials and a missing bucket are mended by people, not by dropping mail.
      case TEMPORARY, DENIED, NOT_FOUND -> Outcome.retry("object store: " + failure.getMessage());
    };
  }

  private static String key(Slice first) {
    return new MailKey(first.mailboxIds().get(0), first.messageId(), first.headerLength()).key();
  }
}
