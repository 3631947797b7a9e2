package io.postern.pipeline;

import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/** Reads the ledger from a point in time to its end. Blocking. */
public final class LedgerReader {
  private final Map<String, Object> kafka;
  private final Topics topics;

  public LedgerReader(Map<String, Object> kafka, Topics topics) {
    this.kafka = kafka;
    this.topics = topics;
  }

  /** The copies that are stored already, or deleted again, by facts written after {@code since}. */
  public CopySet finishedSince(Instant since) {
    CopySet finished = new CopySet();
    read(since, fact -> collect(fact, finished));
    return finished;
  }

  /** Hands over every fact written after {@code since} and before now, partition by partition. */
  public void read(Instant since, Consumer<Fact> facts) {
    try (LedgerView view = new LedgerView(kafka, topics, since)) {
      view.catchUp(facts);
    }
  }

  /** Adds the copy that a fact says is stored or deleted. */
  static void collect(Fact fact, CopySet finished) {
    boolean stored = fact.kind() == Fact.Kind.STORED || fact.kind() == Fact.Kind.DELETED;
    boolean ofCopy =
        fact.mailboxId() != null
            && Ulids.isUlid(fact.messageId())
            && Ulids.isUlid(fact.mailboxId());
    if (stored && ofCopy) {
      finished.add(fact.messageId(), fact.mailboxId());
    }
  }
}
