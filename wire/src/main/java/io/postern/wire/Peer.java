package io.postern.wire;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Who has connected.
 *
 * @param ip the textual address
 * @param loop runs something on the connection's event loop, where the conversation lives
 */
public record Peer(String ip, Executor loop) {
  /** A stage that completes as the given one does, but on the connection's event loop. */
  public <T> CompletionStage<T> onLoop(CompletionStage<T> stage) {
    CompletableFuture<T> onLoop = new CompletableFuture<>();
    stage.whenComplete(
        (value, failure) ->
            loop.execute(
                () -> {
                  if (failure == null) {
                    onLoop.complete(value);
                  } else {
                    onLoop.completeExceptionally(failure);
                  }
                }));
    return onLoop;
  }
}
