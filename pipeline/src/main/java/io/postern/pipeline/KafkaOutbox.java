package io.postern.pipeline;

import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An {@link Outbox} on a Kafka producer: idempotent, acknowledged by all replicas. The producer's
 * {@code send} can block, so it is called on a thread of its own.
 */
public final class KafkaOutbox extends QueuedOutbox {
  /**
   * A whole mebibyte goes to the broker, and with one flush to disk, at a time; more where the
   * client settings say that the broker takes it.
   */
  private static final int BATCH_BYTES = 1024 * 1024;

  /** One request carries batches for several partitions. */
  private static final int REQUEST_BYTES = 4 * BATCH_BYTES;

  /** How long the producer's thread may wait for metadata or room. */
  private static final Duration MAX_BLOCK = Duration.ofSeconds(2);

  private final KafkaProducer<byte[], byte[]> producer;
  private final ExecutorService thread;
  private final long patienceNanos;

  /**
   * @param kafka the client settings of this installation
   * @param name of this producer in thread names and Kafka's metrics
   * @param patience after which an unacknowledged record has failed, give or take two seconds
   * @param overrides further producer settings, stronger than the above
   */
  public KafkaOutbox(
      Map<String, Object> kafka, String name, Duration patience, Map<String, Object> overrides) {
    patienceNanos = patience.toNanos();
    producer =
        new KafkaProducer<>(
            settings(kafka, name, patience, overrides),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name + "-outbox"));
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(patienceNanos, TimeUnit.NANOSECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofNanos(patienceNanos));
  }

  private static Map<String, Object> settings(
      Map<String, Object> kafka, String name, Duration patience, Map<String, Object> overrides) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, name);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES);
    // A broker takes whatever sequence number comes first from a producer that it does not know. If
    // the first of two requests on their way to a new leader fails, the second would become the
    // first for good, and every retry of the first be refused as out of order.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(
        ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.min(MAX_BLOCK.toMillis(), patience.toMillis()));
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patience.toMillis() / 2);
    settings.putAll(overrides);
    return settings;
  }

  @Override
  void submit(List<Outgoing> records) {
    try {
      thread.execute(() -> records.forEach(this::hand));
    } catch (RejectedExecutionException e) {
      PipelineException stopping =
          new PipelineException(Category.UNAVAILABLE, "this process is stopping", e);
      records.forEach(record -> record.fail(stopping));
    }
  }

  private void hand(Outgoing record) {
    try {
      // While Kafka is away each send blocks: what has waited too long need not try any more.
      if (record.waitedNanos() > patienceNanos) {
        throw new PipelineException(Category.UNAVAILABLE, "Kafka: no answer", null);
      }
      producer.send(
          record.to(record.partition(topic -> producer.partitionsFor(topic).size())),
          (metadata, error) -> {
            if (error == null) {
              record.acknowledge();
            } else {
              record.fail(error);
            }
          });
    } catch (RuntimeException e) {
      record.fail(e);
    }
  }
}
