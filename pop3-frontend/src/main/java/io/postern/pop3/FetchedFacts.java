package io.postern.pop3;

import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the ledger which messages a session has fetched: each once, in batches, and without anyone
 * waiting for it. A fact that gets lost costs nothing but knowledge.
 */
final class FetchedFacts {
  private static final Logger LOG = LoggerFactory.getLogger(FetchedFacts.class);
  private static final int BATCH = 200;
  private static final Duration BATCH_AGE = Duration.ofSeconds(1);

  private final Ledger ledger;
  private final Snapshot snapshot;
  private final InstantSource clock;
  private final BitSet told = new BitSet();
  private List<Fact> batch = new ArrayList<>();
  private Instant batchBegan = Instant.MIN;

  FetchedFacts(Ledger ledger, Snapshot snapshot, InstantSource clock) {
    this.ledger = ledger;
    this.snapshot = snapshot;
    this.clock = clock;
  }

  void add(int index) {
    if (told.get(index)) {
      return;
    }
    told.set(index);
    Instant now = clock.instant();
    if (batch.isEmpty()) {
      batchBegan = now;
    }
    batch.add(
        new Fact(Fact.Kind.FETCHED, snapshot.messageId(index), snapshot.mailboxId(), now, null));
    if (batch.size() >= BATCH || now.isAfter(batchBegan.plus(BATCH_AGE))) {
      flush();
    }
  }

  void flush() {
    if (!batch.isEmpty()) {
      ledger
          .write(batch)
          .whenComplete(
              (nothing, failure) -> {
                if (failure != null) {
                  LOG.warn("facts of fetched messages are lost: {}", failure.toString());
                }
              });
      batch = new ArrayList<>();
    }
  }
}
