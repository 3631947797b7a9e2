package io.postern.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How this process reaches Kafka.
 *
 * @param clients settings of Kafka's clients, password included
 * @param logs those of the broker, where it runs in this process
 */
public record Kafka(Map<String, Object> clients, Optional<LocalLogs> logs) {
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
    return logs.<QueuedOutbox>map(local -> new LogOutbox(local, name, patience))
        .orElseGet(() -> new KafkaOutbox(clients, name, patience, Map.of()));
  }

  /** Says nothing of the password. */
  @Override
  public String toString() {
    return logs.isPresent() ? "Kafka in this process" : "Kafka";
  }
}
