package io.postern.ingest;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Facts in memory. */
final class FakeLedger implements Ledger {
  final Queue<Fact> facts = new ConcurrentLinkedQueue<>();

  @Override
  public CompletionStage<Void> write(Collection<Fact> facts) {
    this.facts.addAll(facts);
    return CompletableFuture.completedFuture(null);
  }
}
