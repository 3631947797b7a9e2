package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/** An {@link Outbox} whose records go to Kafka on a thread of its own. */
public abstract sealed class QueuedOutbox implements Outbox, AutoCloseable
    permits KafkaOutbox, LogOutbox {
  /** So much is worth a request of its own. */
  private static final int BUNDLE_BYTES = 256 * 1024;

  /** Hands records over to the thread, in their order; fails them where it has ended. */
  abstract void submit(List<Outgoing> records);

  /** Sends what is waiting, for some seconds at most, and ends. */
  @Override
  public abstract void close();

  @Override
  public Run run(String topic, String key) {
    return new QueuedRun(topic, key.getBytes(US_ASCII), record -> submit(List.of(record)));
  }

  /**
   * A view of this for one thread whose records come close together: they wait until they are
   * enough for a request, or for {@link #flush}.
   */
  public Outbox bundling() {
    return new Bundle();
  }

  /** Of one thread: its records wait for each other. */
  private final class Bundle implements Outbox {
    private List<Outgoing> waiting = new ArrayList<>();
    private long bytes;

    @Override
    public Run run(String topic, String key) {
      return new QueuedRun(topic, key.getBytes(US_ASCII), this::add);
    }

    private void add(Outgoing record) {
      waiting.add(record);
      bytes += record.value.length;
      if (bytes >= BUNDLE_BYTES) {
        flush();
      }
    }

    @Override
    public void flush() {
      if (!waiting.isEmpty()) {
        submit(waiting);
        waiting = new ArrayList<>();
        bytes = 0;
      }
    }
  }

  private static final class QueuedRun implements Run {
    private final String topic;
    private final byte[] key;
    private final Consumer<Outgoing> queue;

    /** Chosen with the first record and kept, also where partitions are added meanwhile. */
    private TopicPartition partition;

    /** Who gives a run up may do so on another thread. */
    private volatile boolean begun;

    QueuedRun(String topic, byte[] key, Consumer<Outgoing> queue) {
      this.topic = topic;
      this.key = key;
      this.queue = queue;
    }

    @Override
    public CompletableFuture<Void> send(Iterable<Header> headers, byte[] value) {
      Outgoing record = new Outgoing(this, headers, value, !begun);
      begun = true;
      queue.accept(record);
      return record.acknowledged;
    }
  }

  /** One record on its way. */
  static final class Outgoing {
    private final QueuedRun run;
    private final Iterable<Header> headers;
    private final byte[] value;
    private final boolean begins;
    private final long queuedNanos = System.nanoTime();
    private final CompletableFuture<Void> acknowledged = new CompletableFuture<>();

    private Outgoing(QueuedRun run, Iterable<Header> headers, byte[] value, boolean begins) {
      this.run = run;
      this.headers = headers;
      this.value = value;
      this.begins = begins;
    }

    /** Whether it is the first of its run. */
    boolean begins() {
      return begins;
    }

    int valueBytes() {
      return value.length;
    }

    /**
     * Where it goes; on the outbox's thread alone.
     *
     * @param partitions how many a topic has
     */
    TopicPartition partition(ToIntFunction<String> partitions) {
      if (run.partition == null) {
        int number = Utils.toPositive(Utils.murmur2(run.key)) % partitions.applyAsInt(run.topic);
        run.partition = new TopicPartition(run.topic, number);
      }
      return run.partition;
    }

    ProducerRecord<byte[], byte[]> to(TopicPartition partition) {
      return new ProducerRecord<>(
          partition.topic(), partition.partition(), null, run.key, value, headers);
    }

    /** How long ago it was sent. */
    long waitedNanos() {
      return System.nanoTime() - queuedNanos;
    }

    /** Whether somebody still waits for it. */
    boolean isAwaited() {
      return !acknowledged.isDone();
    }

    void acknowledge() {
      acknowledged.complete(null);
    }

    void fail(Throwable error) {
      acknowledged.completeExceptionally(KafkaErrors.translate(error));
    }
  }
}
