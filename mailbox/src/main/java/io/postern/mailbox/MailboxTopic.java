package io.postern.mailbox;

import io.postern.mailbox.MailboxException.Category;
import io.postern.pipeline.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes topic {@code postern.mailboxes}, one change at a time among all processes. Blocking. */
final class MailboxTopic {
  private static final Logger LOG = LoggerFactory.getLogger(MailboxTopic.class);

  /** The topic has one partition: all see the changes of all mailboxes in one order. */
  static final int PARTITION = 0;

  /** For every single step: finding Kafka, writing, committing. */
  private static final int TIMEOUT_MS = 10_000;

  /**
   * How often the coordinator of transactions is waited for: a young cluster makes its topic, of 50
   * partitions, when the first change asks for it.
   */
  private static final int COORDINATOR_TRIES = 6;

  /** How Kafka says that a later change has ended this one, depending on the step it was at. */
  private static final Set<Class<?>> OVERTAKEN =
      Set.of(
          ProducerFencedException.class,
          InvalidProducerEpochException.class,
          InvalidTxnStateException.class);

  private final TopicPartition topic;
  private final Map<String, Object> clientProperties;

  MailboxTopic(Map<String, Object> clientProperties, Topics topics) {
    this.topic = new TopicPartition(topics.mailboxes(), PARTITION);
    this.clientProperties = Map.copyOf(clientProperties);
  }

  /** Another process has begun a change since: nothing of this one counts, and it may be redone. */
  static final class OvertakenException extends Exception {
    OvertakenException(Throwable cause) {
      super("another change was begun", cause);
    }
  }

  /**
   * A change. All share one transactional id, so beginning one ends every other that is not
   * committed; what is read after {@link #begin} up to {@link #end} is therefore still true when
   * the change is committed.
   */
  final class Change implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;
    private final long end;
    private Future<RecordMetadata> written;
    private boolean open;

    private Change() throws MailboxException, OvertakenException {
      Map<String, Object> settings = new HashMap<>(clientProperties);
      settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic.topic());
      settings.put(ProducerConfig.ACKS_CONFIG, "all");
      settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS);
      settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS / 2);
      settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
      producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
      try {
        end =
            step(
                () -> {
                  awaitCoordinator();
                  producer.beginTransaction();
                  open = true;
                  return readEnd();
                });
      } catch (MailboxException | OvertakenException e) {
        close();
        throw e;
      }
    }

    private void awaitCoordinator() {
      for (int left = COORDINATOR_TRIES - 1; ; left--) {
        try {
          producer.initTransactions();
          return;
        } catch (TimeoutException e) {
          if (left == 0) {
            throw e;
          }
          LOG.warn("waiting for Kafka's coordinator of transactions");
        }
      }
    }

    private long readEnd() throws ExecutionException, InterruptedException {
      Map<String, Object> settings = new HashMap<>(clientProperties);
      settings.put("default.api.timeout.ms", TIMEOUT_MS);
      settings.put("request.timeout.ms", TIMEOUT_MS / 2);
      try (Admin admin = Admin.create(settings)) {
        return admin
            .listOffsets(
                Map.of(topic, OffsetSpec.latest()),
                new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .partitionResult(topic)
            .get()
            .offset();
      }
    }

    /** The offset behind everything that was committed before this change. */
    long end() {
      return end;
    }

    void put(MailboxRecord record) throws MailboxException, OvertakenException {
      write(record.mailbox().id(), MailboxCodec.encode(record));
    }

    void remove(String id) throws MailboxException, OvertakenException {
      write(id, null);
    }

    private void write(String id, byte[] value) throws MailboxException, OvertakenException {
      var record = new ProducerRecord<>(topic.topic(), topic.partition(), id, value);
      step(
          () -> {
            written = producer.send(record);
            return 0;
          });
    }

    /**
     * Makes all of it count at once, on every replica that must have it.
     *
     * @return the offset of the mark that makes it count, the last one of this change; -1 where
     *     nothing was written
     */
    long commit() throws MailboxException, OvertakenException {
      return step(
          () -> {
            try {
              producer.commitTransaction();
            } catch (KafkaException e) {
              if (mayBeOvertaken(e)) {
                throw new OvertakenException(e);
              }
              throw e;
            }
            open = false;
            return written == null ? -1 : written.get().offset() + 1;
          });
    }

    /** Takes back what is not committed. */
    @Override
    public void close() {
      try {
        if (open) {
          producer.abortTransaction();
        }
      } catch (KafkaException e) {
        // The next change takes it back, or else its timeout.
        LOG.debug("cannot abort a change", e);
      }
      producer.close(Duration.ofMillis(TIMEOUT_MS));
    }
  }

  /**
   * Begins a change.
   *
   * @throws MailboxException UNAVAILABLE
   */
  Change begin() throws MailboxException, OvertakenException {
    return new Change();
  }

  private interface Step {
    long run() throws ExecutionException, InterruptedException, OvertakenException;
  }

  private static long step(Step step) throws MailboxException, OvertakenException {
    try {
      return step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MailboxException(Category.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (KafkaException e) {
      throw failure(e);
    }
  }

  /**
   * Where a later change begins just while this one is being committed, the coordinator trips and
   * answers UNKNOWN_SERVER_ERROR, which the client hands on as an exception without type and cause
   * (Kafka 4.4). Should it have meant something else, doing the change again does no harm.
   */
  static boolean mayBeOvertaken(KafkaException failedCommit) {
    return failedCommit.getClass() == KafkaException.class && failedCommit.getCause() == null;
  }

  private static MailboxException failure(Throwable cause) throws OvertakenException {
    // Kafka wraps the reason where it shows in a later call than the one that it ended.
    for (Throwable reason = cause; reason != null; reason = reason.getCause()) {
      if (OVERTAKEN.contains(reason.getClass())) {
        throw new OvertakenException(cause);
      }
    }
    return new MailboxException(
        Category.UNAVAILABLE, "Kafka did not take the change: " + cause.getMessage(), cause);
  }
}
