package io.postern.pipeline;

import java.util.Collection;
import java.util.concurrent.CompletionStage;

/** Writes facts to topic {@code ledger}. Never blocks. */
public interface Ledger {
  /** Completes once every fact is acknowledged; fails with {@link PipelineException}. */
  CompletionStage<Void> write(Collection<Fact> facts);
}
