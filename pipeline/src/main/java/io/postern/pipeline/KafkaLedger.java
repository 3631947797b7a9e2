package io.postern.pipeline;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The ledger as a Kafka topic. Facts of some milliseconds travel together. Thread-safe. */
public final class KafkaLedger implements Ledger, AutoCloseable {
  private static final int LINGER_MS = 25;

  private final KafkaOutbox outbox;
  private final String topic;

  /**
   * @param kafka client settings
   * @param patience after which Kafka counts as away
   */
  public KafkaLedger(Map<String, Object> kafka, Topics topics, Duration patience) {
    outbox =
        new KafkaOutbox(
            kafka,
            "ledger",
            patience,
            Map.of(
                ProducerConfig.LINGER_MS_CONFIG,
                LINGER_MS,
                ProducerConfig.BATCH_SIZE_CONFIG,
                64 * 1024,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4"));
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
