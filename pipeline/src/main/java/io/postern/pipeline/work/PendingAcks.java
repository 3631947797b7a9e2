package io.postern.pipeline.work;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The acknowledgements that one job waits for: done when all have come after {@link #close}, and to
 * be retried when one fails. Used on the worker's thread only.
 */
public final class PendingAcks {
  private final Executor loop;
  private final InFlight inFlight;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private int pending;
  private boolean closed;

  public PendingAcks(Executor loop, InFlight inFlight) {
    this.loop = loop;
    this.inFlight = inFlight;
  }

  /** Waits for one more; {@code bytes} are in flight until it comes. */
  public void expect(CompletionStage<Void> acknowledged, long bytes) {
    pending++;
    inFlight.add(bytes);
    acknowledged.whenComplete(
        (done, error) -> {
          inFlight.remove(bytes);
          loop.execute(() -> arrived(error));
        });
  }

  /** Nothing more will be expected. */
  public void close() {
    closed = true;
    completeWhenAllCame();
  }

  public CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  private void arrived(Throwable error) {
    pending--;
    if (error == null) {
      completeWhenAllCame();
    } else {
      outcome.complete(Outcome.retry(error.getMessage()));
    }
  }

  private void completeWhenAllCame() {
    if (closed && pending == 0) {
      outcome.complete(Outcome.DONE);
    }
  }
}
