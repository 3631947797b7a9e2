package io.postern.pipeline;

import io.postern.pipeline.PipelineException.Category;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Kafka's exceptions as categories; only what can never pass by waiting is refused for good. */
public final class KafkaErrors {
  private KafkaErrors() {}

  public static PipelineException translate(Throwable error) {
    if (error instanceof PipelineException known) {
      return known;
    }
    return new PipelineException(category(error), "Kafka: " + error.getMessage(), error);
  }

  /** Waits for an admin call. */
  static <T> T await(KafkaFuture<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException | CancellationException e) {
      throw translate(e.getCause() == null ? e : e.getCause());
    }
  }

  private static Category category(Throwable error) {
    boolean refused =
        error instanceof AuthenticationException
            || error instanceof AuthorizationException
            || error instanceof RecordTooLargeException;
    return refused ? Category.REFUSED : Category.UNAVAILABLE;
  }
}
