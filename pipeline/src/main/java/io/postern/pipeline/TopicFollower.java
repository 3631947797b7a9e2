package io.postern.pipeline;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a view of a topic of one partition: a thread of its own reads it from the beginning and
 * then follows it. Where Kafka is away, the view stays as it is and the thread tries again for
 * ever.
 */
public final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final int PARTITION = 0;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long RETRY_MS = 500;

  /** What is kept of the topic. All calls come from the follower's thread. */
  public interface View {
    /** A committed record, in the order of the topic. */
    void apply(ConsumerRecord<byte[], byte[]> record);

    /**
     * All records before this offset have been applied.
     *
     * @param end whether nothing that is committed lies behind it, as far as is known
     */
    void reached(long offset, boolean end);

    /** All that was in the topic when it was opened has been applied. May come again. */
    void caughtUp();
  }

  private final Map<String, Object> settings;
  private final TopicPartition topic;
  private final View view;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private long position;

  /**
   * Does nothing before {@link #start}.
   *
   * @param kafka client settings
   * @param thread the thread's name
   */
  public TopicFollower(Map<String, Object> kafka, String topic, String thread, View view) {
    this.topic = new TopicPartition(topic, PARTITION);
    this.view = view;
    this.settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    this.thread = new Thread(this::run, thread);
    this.thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (!isClosed()) {
      try (var reader =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer = reader;
        if (!isClosed()) {
          follow(reader);
        }
      } catch (WakeupException e) {
        // Closing.
      } catch (RuntimeException e) {
        LOG.warn("cannot read {}, trying again: {}", topic.topic(), e.toString());
        pause();
      }
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> reader) {
    reader.assign(List.of(topic));
    reader.seek(topic, position);
    long end = reader.endOffsets(List.of(topic)).get(topic);
    if (position > end) {
      LOG.warn("{} is shorter than it was: reading all of it again", topic.topic());
      reader.seekToBeginning(List.of(topic));
    }
    while (!isClosed()) {
      if (reader.position(topic) >= end) {
        view.caughtUp();
      }
      reader.poll(POLL).forEach(view::apply);
      position = reader.position(topic);
      view.reached(position, reader.currentLag(topic).orElse(Long.MAX_VALUE) == 0);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void pause() {
    try {
      closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops following; waits for the thread. */
  @Override
  public void close() {
    closed.countDown();
    KafkaConsumer<byte[], byte[]> reader = consumer;
    if (reader != null) {
      reader.wakeup();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
