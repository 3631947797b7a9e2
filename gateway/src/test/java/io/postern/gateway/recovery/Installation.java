package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.crypto.CryptoSettings;
import io.postern.crypto.CryptoWorker;
import io.postern.gateway.EmbeddedLogs;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.Mailboxes;
import io.postern.mailbox.SealedIdentity;
import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Envelope;
import io.postern.pipeline.Fact;
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
import io.postern.store.StoreSettings;
import io.postern.store.StoreWorker;
import io.postern.testkit.KafkaForTests;
import io.postern.testkit.TopicView;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;

/** A whole Postern without its front doors, for tests: real workers on a real Kafka. */
final class Installation {
  static final byte[] PASSWORD = "correct horse".getBytes(US_ASCII);
  private static final int LOG_N = 4;

  final Map<String, Object> kafka;
  final Topics topics;
  final ObjectStore store;
  final KafkaLedger ledger;
  final KafkaDirectory directory;
  final Mailboxes mailboxes;
  final Outbox outbox;
  private final SecureRandom random = new SecureRandom();
  private final Kafka way;
  private final Keys.KeyPair transit = Keys.generate(true, random);
  private final SealedRawTopic raw;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final List<AutoCloseable> workers = new ArrayList<>();

  Installation(KafkaForTests tests, ObjectStore store) throws Exception {
    this.kafka = tests.clientProperties();
    this.way = new Kafka(kafka, tests.broker().map(EmbeddedLogs::new));
    this.topics = new Topics(tests.freshPrefix(), 4, 1, 1);
    this.store = store;
    try (Admin admin = Admin.create(kafka)) {
      new TopicCheck(admin).ensure(topics);
    }
    ledger = open(new KafkaLedger(way, topics, Duration.ofSeconds(20)));
    directory = open(new KafkaDirectory(kafka, topics));
    mailboxes = mailboxes(directory);
    outbox = open(SealedRawTopic.outbox(way, RawSettings.DEFAULT));
    TransitKey key = TransitKey.of(transit.recipient());
    raw =
        new SealedRawTopic(
            outbox, topics, RawSettings.DEFAULT, () -> key, Clock.systemUTC(), random);
  }

  Mailboxes mailboxes(KafkaDirectory of) {
    return new Mailboxes(
        kafka, topics, of, store, Optional.empty(), LOG_N, Clock.systemUTC(), random);
  }

  private <T extends AutoCloseable> T open(T part) {
    parts.add(part);
    return part;
  }

  Mailbox create(String address) throws Exception {
    return mailboxes.create(address, PASSWORD.clone(), true);
  }

  void startWorkers() throws Exception {
    startCrypto();
    startStoring();
  }

  void startCrypto() throws Exception {
    startCrypto(transit);
  }

  /** One with this transit key. */
  void startCrypto(Keys.KeyPair transit) throws Exception {
    CryptoWorker crypto =
        new CryptoWorker(
            way,
            topics,
            new CryptoSettings(1, Duration.ofSeconds(30), WorkerSettings.DEFAULT),
            Keys.identities(transit.identityFile()),
            directory,
            ledger,
            Clock.systemUTC(),
            random,
            new SimpleMeterRegistry(),
            () -> false);
    workers.add(crypto);
    crypto.start();
  }

  void startStoring() {
    StoreWorker storing =
        new StoreWorker(
            way,
            topics,
            new StoreSettings(1, 4, WorkerSettings.DEFAULT),
            store,
            ledger,
            Clock.systemUTC(),
            new SimpleMeterRegistry(),
            () -> false);
    workers.add(storing);
    storing.start();
  }

  void stopWorkers() throws Exception {
    for (AutoCloseable worker : workers) {
      worker.close();
    }
    workers.clear();
  }

  /** Sends a message as ingest does, and returns its id. */
  String send(byte[] message, Mailbox... to) throws Exception {
    List<String> ids = Arrays.stream(to).map(Mailbox::id).toList();
    Submission submission = raw.begin(envelope(ids));
    for (int at = 0; at < message.length; at += 50_000) {
      submission.write(message, at, Math.min(50_000, message.length - at));
      submission.whenWritable().toCompletableFuture().get(30, SECONDS);
    }
    submission.commit().toCompletableFuture().get(30, SECONDS);
    for (String id : ids) {
      write(Fact.Kind.ACCEPTED, submission.messageId(), id);
    }
    return submission.messageId();
  }

  /** Deletes a message as a POP3 session does. */
  void delete(Mailbox mailbox, String messageId) throws Exception {
    write(Fact.Kind.DELETED, messageId, mailbox.id());
    store.delete(objects(mailbox, messageId));
  }

  void write(Fact.Kind kind, String messageId, String mailboxId) throws Exception {
    ledger
        .write(List.of(new Fact(kind, messageId, mailboxId, Instant.now(), null)))
        .toCompletableFuture()
        .get(30, SECONDS);
  }

  List<String> objects(Mailbox mailbox, String messageId) throws Exception {
    return store.list(Layout.mail(mailbox.id()) + messageId, "", 10).stream()
        .map(ObjectStore.Entry::key)
        .toList();
  }

  /** All mail of a mailbox by message id, opened with its password. */
  Map<String, byte[]> mail(Mailbox mailbox) throws Exception {
    byte[] identity;
    try (InputStream in = store.get(Layout.identity(mailbox.id()), 0)) {
      identity = in.readAllBytes();
    }
    Map<String, byte[]> mail = new TreeMap<>();
    for (ObjectStore.Entry entry : store.list(Layout.mail(mailbox.id()), "", 1_000_000)) {
      var keys = SealedIdentity.unlock(identity, PASSWORD.clone(), 20).orElseThrow();
      ByteArrayOutputStream message = new ByteArrayOutputStream();
      try (InputStream in = store.get(entry.key(), 0);
          Opener opener = new Opener(keys)) {
        byte[] sealed = in.readAllBytes();
        opener.update(sealed, 0, sealed.length, message::write);
        opener.finish(message::write);
      }
      byte[] twice =
          mail.put(MailKey.parse(entry.key()).orElseThrow().messageId(), message.toByteArray());
      if (twice != null) {
        throw new AssertionError("two objects of one message: " + entry.key());
      }
    }
    return mail;
  }

  /** The bucket is lost. */
  void wipeStore() throws Exception {
    store.delete(store.list("", "", 1_000_000).stream().map(ObjectStore.Entry::key).toList());
  }

  /** Waits until the workers have finished all that is in the topics. */
  void awaitIdle() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () ->
                behind(topics.raw(), topics.cryptoGroup()) == 0
                    && behind(topics.sealed(), topics.storeGroup()) == 0);
  }

  private long behind(String topic, String group) throws Exception {
    return new TopicView(kafka, topic, topics.partitions()).behind(group);
  }

  Parts parts() {
    return new Parts(kafka, topics, store, directory, mailboxes);
  }

  Audit.Result audit(List<Finding> findings) throws Exception {
    return audit(findings, 1_000_000);
  }

  Audit.Result audit(List<Finding> findings, int tableLimit) throws Exception {
    return new Audit(parts(), false, Progress.silent(), tableLimit, findings::add).run();
  }

  private static Envelope envelope(List<String> mailboxIds) {
    return new Envelope(
        "sender@example.org",
        mailboxIds.stream().map(id -> new Envelope.Copy(id, id + "@example.com")).toList(),
        "192.0.2.1",
        "client.example.org",
        "ESMTPS",
        "TLSv1.3 TLS_AES_256_GCM_SHA384",
        "starttls",
        "mx.example.com",
        Instant.EPOCH,
        false);
  }

  void close() throws Exception {
    stopWorkers();
    for (int i = parts.size() - 1; i >= 0; i--) {
      parts.get(i).close();
    }
  }
}
