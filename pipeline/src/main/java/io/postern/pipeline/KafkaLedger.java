package io.postern.pipeline;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The ledger as a Kafka topic. Facts of some milliseconds travel together. Thread-safe. */
public final class KafkaLedger implements Ledger, AutoCloseable {
  private static final Duration LINGER = Duration.ofMillis(25);

  private final QueuedOutbox outbox;
  private final String topic;

  /**
   * @param patience after which Kafka counts as away
   */
  public KafkaLedger(Kafka kafka, Topics topics, Duration patience) {
    outbox = kafka.lingeringOutbox("ledger", patience, LINGER);
    topic = topics.ledger();
  }

  @Override
  public CompletionStage<Void> write(Collection<Fact> facts) {
    return CompletableFuture.allOf(
        facts.stream()
            .map(
                fact -> outbox.run(topic, fact.messageId()).send(List.of(), FactCodec.encode(fact)))
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    outbox.close();
  }
}
