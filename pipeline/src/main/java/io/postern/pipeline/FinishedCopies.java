package io.postern.pipeline;

import java.util.concurrent.CompletionStage;

/** Asks the ledger about single copies, now. */
public interface FinishedCopies {
  /**
   * Whether the copy is stored, or deleted again, by any fact that was acknowledged before this
   * call. Never blocks; fails with {@link PipelineException}.
   */
  CompletionStage<Boolean> contains(String messageId, String mailboxId);
}
