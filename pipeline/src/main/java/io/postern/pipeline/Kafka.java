package io.postern.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How this process reaches Kafka.
 *
 * @param clients settings of Kafka's clients, password included
 * @param logs those of the broker, where it runs in this process
 */
public record Kafka(Map<String, Object> clients, Optional<LocalLogs> logs) {
  /** So much of small records need not wait any longer. */
  private static final int LINGERING_BYTES = 64 * 1024;

  /** Over its sockets alone. */
  public static Kafka of(Map<String, Object> clients) {
    return new Kafka(clients, Optional.empty());
  }

  /**
   * An outbox for records that are many or large.
   *
   * @param name of its thread, and of its producer in Kafka's metrics
   * @param patience after which an unacknowledged record has failed, give or take two seconds
   */
  public QueuedOutbox outbox(String name, Duration patience) {
    return logs.<QueuedOutbox>map(
            local -> new LogOutbox(local, local.writer(), name, patience, Duration.ZERO))
        .orElseGet(() -> new KafkaOutbox(clients, name, patience, Map.of()));
  }

  /**
   * An outbox for small records of text, which wait for each other and go compressed.
   *
   * @param linger how long a record waits
   */
  QueuedOutbox lingeringOutbox(String name, Duration patience, Duration linger) {
    return logs.<QueuedOutbox>map(
            local -> new LogOutbox(local, local.compressingWriter(), name, patience, linger))
        .orElseGet(
            () ->
                new KafkaOutbox(
                    clients,
                    name,
                    patience,
                    Map.of(
                        ProducerConfig.LINGER_MS_CONFIG,
                        (int) linger.toMillis(),
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        LINGERING_BYTES,
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "lz4")));
  }

  /** Says nothing of the password. */
  @Override
  public String toString() {
    return logs.isPresent() ? "Kafka in this process" : "Kafka";
  }
}
