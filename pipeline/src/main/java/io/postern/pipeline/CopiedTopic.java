package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topic {@code copied}: which messages a POP3 proxy has copied from which accounts. All proxies
 * write it, and each keeps a bounded view of it, with a thread of its own that reads the topic from
 * the beginning and follows it. No account's name is in Kafka: a key is a part of a hash.
 * Thread-safe.
 */
public final class CopiedTopic implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CopiedTopic.class);
  private static final int PARTITION = 0;
  private static final int KEY_BYTES = 16;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long RETRY_MS = 500;
  private static final List<Header> VERSION_1 =
      List.of(new RecordHeader("version", "1".getBytes(US_ASCII)));

  private final KafkaOutbox outbox;
  private final String name;
  private final Map<String, Object> settings;
  private final CopiedSet view;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "copied-view");
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean ready;

  /**
   * Starts reading.
   *
   * @param kafka client settings
   * @param capacity how many messages are remembered; of those in the topic, the latest
   * @param patience after which Kafka counts as away
   */
  public CopiedTopic(Map<String, Object> kafka, Topics topics, int capacity, Duration patience) {
    outbox = new KafkaOutbox(kafka, "copied", patience, Map.of());
    name = topics.copied();
    view = new CopiedSet(capacity);
    settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20);
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether all that was in the topic is known. */
  public boolean ready() {
    return ready;
  }

  /** Whether a message was copied. */
  public boolean contains(String account, String uidl) {
    ByteBuffer key = key(account, uidl);
    synchronized (view) {
      return view.contains(key.getLong(), key.getLong());
    }
  }

  /** Remembers a copy, here at once and in Kafka soon. */
  public void add(String account, String uidl, String messageId) {
    ByteBuffer key = key(account, uidl);
    String text = HexFormat.of().formatHex(key.array());
    add(key);
    outbox
        .run(name, text)
        .send(VERSION_1, messageId.getBytes(US_ASCII))
        .whenComplete(
            (done, e) -> {
              if (e != null) {
                LOG.warn(
                    "{} is a copy that other proxies do not know of: {}",
                    messageId,
                    e.getMessage());
              }
            });
  }

  /** The first 16 octets of SHA-256 over both, in UTF-8 with a NUL behind each. */
  private static ByteBuffer key(String account, String uidl) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((account + "\0" + uidl + "\0").getBytes(UTF_8));
      return ByteBuffer.wrap(Arrays.copyOf(hash, KEY_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void add(ByteBuffer key) {
    synchronized (view) {
      view.add(key.getLong(), key.getLong());
    }
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
        LOG.warn("cannot read what was copied, trying again: {}", e.toString());
        pause();
      }
    }
  }

  /** From the beginning each time: to learn of a copy twice is harmless. */
  private void follow(KafkaConsumer<byte[], byte[]> reader) {
    List<TopicPartition> topic = List.of(new TopicPartition(name, PARTITION));
    reader.assign(topic);
    reader.seekToBeginning(topic);
    long end = reader.endOffsets(topic).get(topic.get(0));
    while (!isClosed()) {
      if (reader.position(topic.get(0)) >= end) {
        ready = true;
      }
      reader.poll(POLL).forEach(this::learn);
    }
  }

  private void learn(ConsumerRecord<byte[], byte[]> record) {
    try {
      byte[] key = HexFormat.of().parseHex(new String(record.key(), US_ASCII));
      if (key.length == KEY_BYTES && record.value() != null) {
        add(ByteBuffer.wrap(key));
      }
    } catch (IllegalArgumentException | NullPointerException e) {
      LOG.warn("{}/{}: not a copied message's key", name, record.offset());
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
    outbox.close();
  }
}
