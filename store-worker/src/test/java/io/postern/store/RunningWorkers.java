package io.postern.store;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.crypto.CryptoSettings;
import io.postern.crypto.CryptoWorker;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Kafka;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.Submission;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.work.WorkerSettings;
import io.postern.testkit.KafkaForTests;
import io.postern.testkit.TopicView;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;

/** Workers on a real Kafka, as many as a test starts, and a sender that remembers. */
final class RunningWorkers {
  final Map<String, Object> kafka;
  final Topics topics;
  final ObjectStore store;
  final KafkaLedger ledger;
  final TopicView rawTopic;
  final TopicView sealedTopic;
  final Map<String, byte[]> sent = new HashMap<>();
  private final SecureRandom random = new SecureRandom();
  final Post post = new Post(random, Clock.systemUTC());

  /** What messages are sealed with on their way into raw. */
  volatile TransitKey transitKey;

  private final SealedRawTopic raw;
  private final List<AutoCloseable> parts = new ArrayList<>();

  RunningWorkers(KafkaForTests tests, Path directory) throws Exception {
    kafka = tests.clientProperties();
    topics = new Topics(tests.freshPrefix(), 4, 1, 1);
    rawTopic = view(topics.raw());
    sealedTopic = view(topics.sealed());
    try (Admin admin = Admin.create(kafka)) {
      new TopicCheck(admin).ensure(topics);
    }
    store = open(new DirectoryStore(directory));
    ledger = open(new KafkaLedger(Kafka.of(kafka), topics, Duration.ofSeconds(8)));
    Outbox outbox = open(SealedRawTopic.outbox(Kafka.of(kafka), RawSettings.DEFAULT));
    transitKey = post.transitKey();
    raw =
        new SealedRawTopic(
            outbox, topics, RawSettings.DEFAULT, () -> transitKey, Clock.systemUTC(), random);
  }

  TopicView view(String topic) {
    return new TopicView(kafka, topic, topics.partitions());
  }

  /** Closes it at the end, before what was opened earlier. */
  <T extends AutoCloseable> T open(T part) {
    parts.add(part);
    return part;
  }

  void close() throws Exception {
    for (int i = parts.size() - 1; i >= 0; i--) {
      parts.get(i).close();
    }
  }

  static byte[] octets(int size) {
    byte[] octets = new byte[size];
    new Random(size).nextBytes(octets);
    return octets;
  }

  CompletableFuture<Void> submit(byte[] message, List<String> mailboxIds) throws Exception {
    Submission submission = raw.begin(post.envelope(mailboxIds));
    for (int i = 0; i < message.length; i += 16_384) {
      submission.write(message, i, Math.min(16_384, message.length - i));
      submission.whenWritable().toCompletableFuture().get(30, SECONDS);
    }
    sent.put(submission.messageId(), message);
    return submission.commit().toCompletableFuture();
  }

  /** Returns when all are in raw. */
  void submitMany(int count, String mailboxId) throws Exception {
    List<CompletableFuture<Void>> commits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commits.add(submit(octets(4000 + i), List.of(mailboxId)));
    }
    for (CompletableFuture<Void> commit : commits) {
      commit.get(30, SECONDS);
    }
  }

  /** The same, all of them at the same time. */
  void submitInterleaved(int count, int size, String mailboxId) throws Exception {
    List<Submission> submissions = new ArrayList<>();
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      submissions.add(raw.begin(post.envelope(List.of(mailboxId))));
      messages.add(octets(size + i));
      sent.put(submissions.get(i).messageId(), messages.get(i));
    }
    for (int at = 0; at < size + count; at += 50_000) {
      for (int i = 0; i < count; i++) {
        byte[] message = messages.get(i);
        int length = Math.max(0, Math.min(50_000, message.length - at));
        submissions.get(i).write(message, at, length);
        submissions.get(i).whenWritable().toCompletableFuture().get(30, SECONDS);
      }
    }
    for (Submission submission : submissions) {
      submission.commit().toCompletableFuture().get(30, SECONDS);
    }
  }

  CryptoWorker crypto() throws Exception {
    return crypto(WorkerSettings.DEFAULT);
  }

  CryptoWorker crypto(WorkerSettings settings) throws Exception {
    CryptoWorker worker =
        new CryptoWorker(
            Kafka.of(kafka),
            topics,
            new CryptoSettings(1, Duration.ofSeconds(30), settings),
            post.transitIdentities(),
            post,
            ledger,
            Clock.systemUTC(),
            random,
            new SimpleMeterRegistry(),
            () -> false);
    open(worker).start();
    return worker;
  }

  StoreWorker storing() {
    return storing(WorkerSettings.DEFAULT);
  }

  StoreWorker storing(WorkerSettings settings) {
    StoreWorker worker =
        new StoreWorker(
            Kafka.of(kafka),
            topics,
            new StoreSettings(1, 4, settings),
            store,
            ledger,
            Clock.systemUTC(),
            new SimpleMeterRegistry(),
            () -> false);
    open(worker).start();
    return worker;
  }

  /** Waits until all that was sent is stored once for each, and its owner can open it. */
  void assertAllStored(List<String> mailboxIds) throws Exception {
    for (String mailboxId : mailboxIds) {
      await().atMost(60, SECONDS).until(() -> list(mailboxId).size() == sent.size());
      for (ObjectStore.Entry entry : list(mailboxId)) {
        MailKey key = MailKey.parse(entry.key()).orElseThrow();
        try (InputStream object = store.get(entry.key(), 0)) {
          assertThat(post.open(mailboxId, object.readAllBytes()))
              .isEqualTo(sent.get(key.messageId()));
        }
      }
    }
  }

  List<ObjectStore.Entry> list(String mailboxId) throws Exception {
    return store.list("mailboxes/" + mailboxId + "/mail/", "", 10_000);
  }

  /** How much the workers have still to do. */
  long behind() throws Exception {
    return rawTopic.behind(topics.cryptoGroup()) + sealedTopic.behind(topics.storeGroup());
  }
}
