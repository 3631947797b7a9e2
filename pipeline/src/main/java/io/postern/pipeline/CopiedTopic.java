package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topic {@code copied}: which messages a POP3 proxy has copied from which accounts. All proxies
 * write it, and each keeps a bounded view of it. No account's name is in Kafka: a key is a part of
 * a hash. Thread-safe.
 */
public final class CopiedTopic implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CopiedTopic.class);
  private static final int KEY_BYTES = 16;
  private static final List<Header> VERSION_1 =
      List.of(new RecordHeader("version", "1".getBytes(US_ASCII)));

  private final KafkaOutbox outbox;
  private final String name;
  private final CopiedSet view;
  private final TopicFollower follower;
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
    follower = new TopicFollower(kafka, name, "copied-view", new Following());
    follower.start();
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

  /**
   * Remembers a copy, here at once and in Kafka soon.
   *
   * @return completes on a thread of the producer once Kafka knows of it, or never will: never
   *     exceptionally
   */
  public CompletionStage<Void> add(String account, String uidl, String messageId) {
    ByteBuffer key = key(account, uidl);
    String text = HexFormat.of().formatHex(key.array());
    add(key);
    return outbox
        .run(name, text)
        .send(VERSION_1, messageId.getBytes(US_ASCII))
        .exceptionally(
            e -> {
              LOG.warn(
                  "{} is a copy that other proxies do not know of: {}", messageId, e.getMessage());
              return null;
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

  /** What other proxies have copied, too. */
  private final class Following implements TopicFollower.View {
    @Override
    public void apply(ConsumerRecord<byte[], byte[]> record) {
      try {
        byte[] key = HexFormat.of().parseHex(new String(record.key(), US_ASCII));
        if (key.length == KEY_BYTES && record.value() != null) {
          add(ByteBuffer.wrap(key));
        }
      } catch (IllegalArgumentException | NullPointerException e) {
        LOG.warn("{}/{}: not a copied message's key", name, record.offset());
      }
    }

    @Override
    public void reached(long offset, boolean end) {}

    @Override
    public void caughtUp() {
      ready = true;
    }
  }

  @Override
  public void close() {
    follower.close();
    outbox.close();
  }
}
