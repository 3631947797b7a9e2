package io.postern.pop3;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Brings results to the event loop that waits for them. */
final class OnLoop {
  private OnLoop() {}

  /** A stage that completes as the given one does, but on the loop. */
  static <T> CompletableFuture<T> of(CompletionStage<T> stage, Executor loop) {
    CompletableFuture<T> result = new CompletableFuture<>();
    stage.whenComplete(
        (value, failure) ->
            loop.execute(
                () -> {
                  if (failure == null) {
                    result.complete(value);
                  } else {
                    result.completeExceptionally(failure);
                  }
                }));
    return result;
  }
}
