package io.postern.pop3;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.PipelineException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Facts in memory. */
final class FakeLedger implements Ledger {
  final List<Fact> facts = new CopyOnWriteArrayList<>();
  volatile boolean away;

  @Override
  public CompletionStage<Void> write(Collection<Fact> written) {
    if (away) {
      return CompletableFuture.failedFuture(
          new PipelineException(PipelineException.Category.UNAVAILABLE, "away", null));
    }
    facts.addAll(written);
    return CompletableFuture.completedFuture(null);
  }

  /** The ids of the messages of which it knows such a fact. */
  List<String> messages(Fact.Kind kind) {
    return facts.stream().filter(fact -> fact.kind() == kind).map(Fact::messageId).toList();
  }
}
