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
 *
 * <p>Where the object may have been written before, it is looked for first. Where it is absent, the
 * ledger is asked once more: a deletion is written there before it is done, so an object that its
 * owner has fetched and deleted meanwhile is never brought back.
 */
final class StoringJob implements Job {
  private final StoringJobs jobs;
  private final StoringJobs.Tools tools;
  private final Slice first;
  private final Past past;
  private final ObjectWriter writer;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private long sizeBytes;

  /** Whether other attempts at this copy wait for this one to end. */
  private boolean completing;

  private boolean dropped;

  StoringJob(StoringJobs jobs, StoringJobs.Tools tools, Slice first, Past past) {
    this.jobs = jobs;
    this.tools = tools;
    this.first = first;
    this.past = past;
    this.writer = new ObjectWriter(tools.store(), key(first), new Serial(tools.pool()));
  }

  @Override
  public void take(Delivery delivery) {
    Slice slice = delivery.slice();
    sizeBytes += slice.octets().length;
    if (slice.isLast()) {
      jobs.enter(first, () -> complete(slice));
    } else if (!outcome.isDone()) {
      write(slice);
    }
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome;
  }

  @Override
  public void drop() {
    dropped = true;
    writer.drop();
    if (completing) {
      completing = false;
      jobs.leave(first);
    }
  }

  private void complete(Slice last) {
    if (dropped) {
      jobs.leave(first);
      return;
    }
    completing = true;
    switch (jobs.state(first, past)) {
      case FINISHED -> finish();
      case UNRECORDED -> record();
      case DOUBTFUL -> look(last);
      case ABSENT -> write(last);
    }
  }

  private void write(Slice slice) {
    tools.inFlight().add(slice.octets().length);
    writer.write(
        slice.octets(),
        slice.isLast(),
        (done, failure) -> {
          tools.inFlight().remove(slice.octets().length);
          onLoop(
              () -> {
                if (failure != null) {
                  fail(failure);
                } else if (slice.isLast()) {
                  jobs.written(first);
                  record();
                }
              });
        });
  }

  private void look(Slice last) {
    writer.look(
        (there, failure) ->
            onLoop(
                () -> {
                  if (failure != null) {
                    fail(failure);
                  } else if (there) {
                    jobs.written(first);
                    record();
                  } else {
                    ask(last);
                  }
                }));
  }

  private void ask(Slice last) {
    tools
        .finished()
        .contains(first.messageId(), first.mailboxIds().get(0))
        .whenComplete(
            (finished, error) ->
                onLoop(
                    () -> {
                      if (error != null) {
                        outcome.complete(Outcome.retry("ledger: " + error.getMessage()));
                      } else if (finished) {
                        finish();
                      } else {
                        write(last);
                      }
                    }));
  }

  private void record() {
    Fact stored =
        new Fact(
            Fact.Kind.STORED,
            first.messageId(),
            first.mailboxIds().get(0),
            tools.clock().instant(),
            Long.toString(sizeBytes));
    tools
        .ledger()
        .write(List.of(stored))
        .whenComplete(
            (done, error) ->
                onLoop(
                    () -> {
                      if (error == null) {
                        finish();
                      } else {
                        outcome.complete(Outcome.retry("ledger: " + error.getMessage()));
                      }
                    }));
  }

  private void finish() {
    jobs.finished(first);
    outcome.complete(Outcome.DONE);
  }

  private void fail(StoreException failure) {
    jobs.failed(first);
    outcome.complete(
        switch (failure.category()) {
          case INVALID ->
              Outcome.dead(
                  DeadReason.of(Category.REFUSED, "object store: " + failure.getMessage()));
          // Wrong credentials and a missing bucket are mended by people, not by dropping mail.
          case TEMPORARY, DENIED, NOT_FOUND ->
              Outcome.retry("object store: " + failure.getMessage());
        });
  }

  /** Results of a job that was dropped count no more: its partition may be another's. */
  private void onLoop(Runnable task) {
    tools
        .loop()
        .execute(
            () -> {
              if (!dropped) {
                task.run();
              }
            });
  }

  private static String key(Slice first) {
    return new MailKey(first.mailboxIds().get(0), first.messageId(), first.headerLength()).key();
  }
}
