package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.pipeline.TopicFollower;
import io.postern.pipeline.Topics;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view of topic {@code postern.mailboxes}, kept by a thread of its own that reads it from the
 * beginning and then follows it. Where Kafka is away, the view stays as it is and the thread tries
 * again for ever.
 */
public final class KafkaDirectory implements Directory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaDirectory.class);

  private final MailboxView view = new MailboxView();
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final CompletableFuture<Void> notEmpty = new CompletableFuture<>();
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> awaited =
      new ConcurrentSkipListMap<>();
  private final TopicFollower follower;
  private volatile long position;

  /** Half of many mailboxes that were made known at once do not count as some. */
  private volatile boolean empty = true;

  /**
   * Starts reading.
   *
   * @param clientProperties how to reach Kafka
   */
  public KafkaDirectory(Map<String, Object> clientProperties, Topics topics) {
    follower =
        new TopicFollower(
            clientProperties, topics.mailboxes(), "mailbox-directory", new Following());
    follower.start();
  }

  /** What the topic says goes into the view. */
  private final class Following implements TopicFollower.View {
    @Override
    public void apply(ConsumerRecord<byte[], byte[]> record) {
      String id = new String(record.key(), UTF_8);
      if (record.value() == null) {
        view.remove(id);
        return;
      }
      try {
        MailboxRecord mailbox = MailboxCodec.decode(record.value());
        if (!mailbox.mailbox().id().equals(id)) {
          throw new IOException("the record's key is another mailbox's");
        }
        view.put(mailbox);
      } catch (IOException e) {
        LOG.error("skipped offset {} of {}: {}", record.offset(), record.topic(), e.toString());
      }
    }

    @Override
    public void reached(long next, boolean end) {
      if (end || view.isEmpty()) {
        empty = view.isEmpty();
      }
      position = next;
      if (!empty) {
        notEmpty.complete(null);
      }
      var done = awaited.headMap(next);
      done.values().forEach(waiting -> waiting.complete(null));
      done.clear();
    }

    @Override
    public void caughtUp() {
      caughtUp.complete(null);
    }
  }

  /** Completes once {@link #ready}; fails where the directory is closed before. */
  public CompletionStage<Void> whenReady() {
    return caughtUp.copy();
  }

  /** Completes once there is a mailbox; fails where the directory is closed before. */
  CompletionStage<Void> whenNotEmpty() {
    return notEmpty.copy();
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

  @Override
  public boolean isEmpty() {
    return empty;
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
    follower.close();
    var over = new IllegalStateException("the directory is closed");
    caughtUp.completeExceptionally(over);
    notEmpty.completeExceptionally(over);
    awaited.values().forEach(waiting -> waiting.completeExceptionally(over));
  }
}
