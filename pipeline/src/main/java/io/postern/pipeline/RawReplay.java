package io.postern.pipeline;

import io.postern.pipeline.CompleteAttempts.Found;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Sends messages that still lie in {@code raw} once more, as new attempts at its end, for the
 * crypto-workers that run or will run. They are sealed as they lie: no key is needed. Copies that
 * are stored or deleted are recognised by the workers. Blocking; holds some hundred octets for each
 * message that is sent.
 */
public final class RawReplay {
  /** Records that may be on their way: of at most 512 KiB each. */
  private static final int MAX_UNACKNOWLEDGED = 16;

  /** Beyond this workers may have given the message up between two of its slices. */
  private static final Duration MAX_SILENCE =
      RawSettings.maxSilence(RawSettings.DEFAULT_SENDER_TIMEOUT);

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final Outbox outbox;
  private final InstantSource clock;
  private final RandomGenerator random;

  public RawReplay(
      Map<String, Object> kafka,
      Topics topics,
      Outbox outbox,
      InstantSource clock,
      RandomGenerator random) {
    this.kafka = kafka;
    this.topics = topics;
    this.outbox = outbox;
    this.clock = clock;
    this.random = random;
  }

  /** The complete messages in {@code raw} that are wanted, each once. */
  public List<Found> find(Predicate<Found> wanted, LongConsumer progress) {
    List<Found> messages = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    CompleteAttempts attempts =
        CompleteAttempts.ofMessages(
            found -> {
              if (found.decided() && wanted.test(found) && ids.add(found.messageId())) {
                messages.add(found);
              }
            });
    try (TopicReader reader = TopicReader.from(kafka, topics.raw(), Map.of())) {
      reader.catchUp(
          record -> {
            progress.accept(1);
            attempts.accept(record);
          });
    }
    return messages;
  }

  /**
   * Sends them.
   *
   * @param messages as {@link #find} gave them
   * @return how many were sent; fewer where some were truncated meanwhile, or took too long
   */
  public int send(List<Found> messages, LongConsumer progress) {
    if (messages.isEmpty()) {
      return 0;
    }
    Map<Integer, Long> ends = new HashMap<>();
    Map<Integer, Long> starts = new HashMap<>();
    for (Found found : messages) {
      ends.merge(found.partition(), found.lastOffset() + 1, Math::max);
      starts.merge(found.partition(), found.firstOffset(), Math::min);
    }
    Sending sending = new Sending(messages);
    try (TopicReader reader = TopicReader.from(kafka, topics.raw(), starts)) {
      reader.catchUpTo(
          ends,
          record -> {
            progress.accept(1);
            sending.accept(record);
          });
    }
    sending.awaitAll();
    return sending.sent;
  }

  /**
   * Where {@code sealed} ends now: what lies below was sealed by the workers of the past.
   *
   * @throws PipelineException REFUSED while a store-worker runs
   */
  public Map<Integer, Long> sealedSoFar() {
    try (Admin admin = Admin.create(kafka)) {
      GroupOffsets sealed = new GroupOffsets(admin, topics.sealed(), topics.storeGroup());
      requireNoStoreWorker(sealed);
      return sealed.ends();
    }
  }

  /**
   * Lets the store-workers pass over what waits in {@code sealed}: it was sealed wrongly, and is
   * sealed anew. Send the messages first, lest they are truncated, but ask before that how far the
   * wrong ones reach.
   *
   * @param ends from {@link #sealedSoFar}
   * @throws PipelineException REFUSED while a store-worker runs
   */
  public void skipSealed(Map<Integer, Long> ends) {
    try (Admin admin = Admin.create(kafka)) {
      GroupOffsets sealed = new GroupOffsets(admin, topics.sealed(), topics.storeGroup());
      requireNoStoreWorker(sealed);
      sealed.move(ends);
    }
  }

  private static void requireNoStoreWorker(GroupOffsets sealed) {
    if (sealed.hasMembers()) {
      throw new PipelineException(
          PipelineException.Category.REFUSED,
          "a store-worker is running: stop them all first",
          null);
    }
  }

  private final class Sending {
    private final Map<String, Found> byAttempt = new HashMap<>();
    private final Map<String, Open> open = new HashMap<>();
    private final Deque<CompletableFuture<Void>> acknowledged = new ArrayDeque<>();
    private int sent;

    private static final class Open {
      final Outbox.Run run;
      final String attempt;
      long lastSentMs;

      Open(Outbox.Run run, String attempt, long nowMs) {
        this.run = run;
        this.attempt = attempt;
        this.lastSentMs = nowMs;
      }
    }

    Sending(List<Found> messages) {
      messages.forEach(found -> byAttempt.put(key(found.messageId(), found.attempt()), found));
    }

    void accept(ConsumerRecord<byte[], byte[]> record) {
      Slice slice;
      try {
        slice = SliceCodec.decode(record);
      } catch (MalformedException e) {
        return;
      }
      String key = key(slice.messageId(), slice.attempt());
      Found found = byAttempt.get(key);
      if (found == null
          || found.partition() != record.partition()
          || record.offset() < found.firstOffset()
          || record.offset() > found.lastOffset()) {
        return;
      }
      if (record.offset() == found.firstOffset()) {
        String attempt = HexFormat.of().toHexDigits(random.nextLong());
        open.put(
            key, new Open(outbox.run(topics.raw(), found.messageId()), attempt, clock.millis()));
      }
      Open message = open.get(key);
      if (message != null) {
        send(slice, message, key, record.offset() == found.lastOffset());
      }
    }

    private void send(Slice slice, Open message, String key, boolean last) {
      if (clock.millis() - message.lastSentMs > MAX_SILENCE.toMillis()) {
        open.remove(key);
        return;
      }
      Slice again =
          Slice.raw(
              slice.messageId(),
              slice.mailboxIds(),
              message.attempt,
              slice.sequence(),
              slice.mark(),
              slice.transitKey(),
              slice.octets());
      acknowledged.add(message.run.send(SliceCodec.headers(again), slice.octets()));
      if (acknowledged.size() > MAX_UNACKNOWLEDGED) {
        join(acknowledged.poll());
      }
      message.lastSentMs = clock.millis();
      if (last) {
        open.remove(key);
        sent++;
      }
    }

    void awaitAll() {
      acknowledged.forEach(RawReplay::join);
    }

    private static String key(String messageId, String attempt) {
      return messageId + "/" + attempt;
    }
  }

  private static void join(CompletableFuture<Void> acknowledged) {
    try {
      acknowledged.join();
    } catch (CompletionException e) {
      throw KafkaErrors.translate(e.getCause());
    }
  }
}
