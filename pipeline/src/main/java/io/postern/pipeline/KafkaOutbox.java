package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * An {@link Outbox} on a Kafka producer: idempotent, acknowledged by all replicas. The producer's
 * {@code send} can block, so it is called on a thread of its own.
 */
public final class KafkaOutbox implements Outbox, AutoCloseable {
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
  public Run run(String topic, String key) {
    return new KafkaRun(topic, key.getBytes(US_ASCII));
  }

  /** Sends what is waiting, for some seconds at most, and closes the producer. */
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

  private final class KafkaRun implements Run {
    private final String topic;
    private final byte[] key;

    /** Chosen with the first record and kept, also where partitions are added meanwhile. */
    private int partition = -1;

    KafkaRun(String topic, byte[] key) {
      this.topic = topic;
      this.key = key;
    }

    @Override
    public CompletableFuture<Void> send(Iterable<Header> headers, byte[] value) {
      CompletableFuture<Void> acknowledged = new CompletableFuture<>();
      long queuedNanos = System.nanoTime();
      try {
        thread.execute(() -> hand(headers, value, queuedNanos, acknowledged));
      } catch (RejectedExecutionException e) {
        acknowledged.completeExceptionally(
            new PipelineException(Category.UNAVAILABLE, "this process is stopping", e));
      }
      return acknowledged;
    }

    private void hand(
        Iterable<Header> headers,
        byte[] value,
        long queuedNanos,
        CompletableFuture<Void> acknowledged) {
      try {
        // While Kafka is away each send blocks: what has waited too long need not try any more.
        if (System.nanoTime() - queuedNanos > patienceNanos) {
          throw new PipelineException(Category.UNAVAILABLE, "Kafka: no answer", null);
        }
        if (partition < 0) {
          partition = Utils.toPositive(Utils.murmur2(key)) % producer.partitionsFor(topic).size();
        }
        producer.send(
            new ProducerRecord<>(topic, partition, null, key, value, headers),
            (metadata, error) -> {
              if (error == null) {
                acknowledged.complete(null);
              } else {
                acknowledged.completeExceptionally(KafkaErrors.translate(error));
              }
            });
      } catch (RuntimeException e) {
        acknowledged.completeExceptionally(KafkaErrors.translate(e));
      }
    }
  }
}
