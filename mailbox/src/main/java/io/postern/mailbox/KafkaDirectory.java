package io.postern.mailbox;

import io.postern.pipeline.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view of topic {@code postern.mailboxes}, kept by a thread of its own that reads it from the
 * beginning and then follows it. Where Kafka is away, the view stays as it is and the thread tries
 * again for ever.
 */
public final class KafkaDirectory implements Directory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaDirectory.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long RETRY_MS = 500;

  private final Map<String, Object> settings;
  private final TopicPartition topic;
  private final MailboxView view = new MailboxView();
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> awaited =
      new ConcurrentSkipListMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "mailbox-directory");
  private volatile KafkaConsumer<String, byte[]> consumer;
  private volatile long position;

  /**
   * Starts reading.
   *
   * @param clientProperties how to reach Kafka
   */
  public KafkaDirectory(Map<String, Object> clientProperties, Topics topics) {
    this.topic = new TopicPartition(topics.mailboxes(), MailboxTopic.PARTITION);
    this.settings = new HashMap<>(clientProperties);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!isClosed()) {
      try (var reader =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
        consumer = reader;
        if (!isClosed()) {
          follow(reader);
        }
      } catch (WakeupException e) {
        // Closing.
      } catch (RuntimeException e) {
        LOG.warn("cannot read the mailboxes, trying again: {}", e.toString());
        pause();
      }
    }
  }

  private void follow(KafkaConsumer<String, byte[]> reader) {
    reader.assign(List.of(topic));
    reader.seek(topic, position);
    long end = reader.endOffsets(List.of(topic)).get(topic);
    if (position > end) {
      LOG.warn("the topic of the mailboxes is shorter than it was: reading all of it again");
      reader.seekToBeginning(List.of(topic));
    }
    while (!isClosed()) {
      if (reader.position(topic) >= end) {
        caughtUp.complete(null);
      }
      for (ConsumerRecord<String, byte[]> record : reader.poll(POLL)) {
        apply(record);
      }
      applied(reader.position(topic));
    }
  }

  private void apply(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      view.remove(record.key());
      return;
    }
    try {
      MailboxRecord mailbox = MailboxCodec.decode(record.value());
      if (!mailbox.mailbox().id().equals(record.key())) {
        throw new IOException("the record's key is another mailbox's");
      }
      view.put(mailbox);
    } catch (IOException e) {
      LOG.error("skipped offset {} of {}: {}", record.offset(), topic, e.toString());
    }
  }

  private void applied(long next) {
    position = next;
    var done = awaited.headMap(next);
    done.values().forEach(waiting -> waiting.complete(null));
    done.clear();
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

  /** Completes once {@link #ready}; fails where the directory is closed before. */
  public CompletionStage<Void> whenReady() {
    return caughtUp.copy();
  }

  /** Completes once the view has what was written at this offset. */
  CompletionStage<Void> whenApplied(long offset) {
    CompletableFuture<Void> waiting =
        awaited.computeIfAbsent(offset, absent -> new CompletableFuture<>());
    if (offset < position) {
      waiting.complete(null);
    }
    return waiting;
  }

  @Override
  public Optional<Mailbox> byAddress(String address) {
    return view.byAddress(address).map(MailboxRecord::mailbox);
  }

  @Override
  public Optional<Mailbox> byLogin(String login) {
    return view.byLogin(login).map(MailboxRecord::mailbox);
  }

  @Override
  public Optional<Mailbox> byId(String id) {
    return view.byId(id).map(MailboxRecord::mailbox);
  }

  @Override
  public Optional<byte[]> identity(String mailboxId) {
    return view.byId(mailboxId).map(MailboxRecord::identity);
  }

  @Override
  public Optional<byte[]> anyIdentity() {
    return view.all().stream().findFirst().map(MailboxRecord::identity);
  }

  @Override
  public boolean ready() {
    return caughtUp.isDone() && !caughtUp.isCompletedExceptionally();
  }

  /** All mailboxes, by address. */
  public List<Mailbox> all() {
    return view.all().stream()
        .map(MailboxRecord::mailbox)
        .sorted(Comparator.comparing(Mailbox::address).thenComparing(Mailbox::id))
        .toList();
  }

  Optional<MailboxRecord> record(String id) {
    return view.byId(id);
  }

  @Override
  public void close() {
    closed.countDown();
    KafkaConsumer<String, byte[]> reader = consumer;
    if (reader != null) {
      reader.wakeup();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var over = new IllegalStateException("the directory is closed");
    caughtUp.completeExceptionally(over);
    awaited.values().forEach(waiting -> waiting.completeExceptionally(over));
  }
}
