package io.postern.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.age.Keys;
import io.postern.crypto.CryptoSettings;
import io.postern.crypto.CryptoWorker;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.CrashRecovery;
import io.postern.pipeline.Fact;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.KafkaOutbox;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.RawTruncation;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.Submission;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.work.WorkerSettings;
import io.postern.testkit.KafkaForTests;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Both workers on a real Kafka. */
class WorkersTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private final SecureRandom random = new SecureRandom();
  private final Post post = new Post(random, Clock.systemUTC());
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final Map<String, byte[]> sent = new HashMap<>();

  @TempDir Path directory;
  private Topics topics;
  private ObjectStore store;
  private KafkaLedger ledger;
  private SealedRawTopic raw;
  private volatile TransitKey transitKey;

  @BeforeEach
  void connect() throws Exception {
    topics = new Topics(kafka.freshPrefix(), 4, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      new TopicCheck(admin).ensure(topics);
    }
    store = new DirectoryStore(directory);
    parts.add(store);
    ledger = new KafkaLedger(kafka.clientProperties(), topics, Duration.ofSeconds(8));
    parts.add(ledger);
    KafkaOutbox outbox = SealedRawTopic.outbox(kafka.clientProperties(), RawSettings.DEFAULT);
    parts.add(outbox);
    transitKey = post.transitKey();
    raw =
        new SealedRawTopic(
            outbox, topics, RawSettings.DEFAULT, () -> transitKey, Clock.systemUTC(), random);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = parts.size() - 1; i >= 0; i--) {
      parts.get(i).close();
    }
  }

  @Test
  void carriesMessagesOfEverySizeToTheirMailboxes() throws Exception {
    String alice = post.create("alice@example.com");
    String bob = post.create("bob@example.com");
    crypto();
    storing();

    for (int size : new int[] {0, 1, 4_000, 65_535, 65_536, 131_072, 300_000, 5_000_000}) {
      submit(octets(size), List.of(alice, bob));
    }

    assertAllStored(List.of(alice, bob));
  }

  @Test
  void losesNothingWhileWorkersComeAndGo() throws Exception {
    String alice = post.create("alice@example.com");
    CryptoWorker firstCrypto = crypto();
    StoreWorker firstStoring = storing();
    submitMany(200, alice);
    CryptoWorker secondCrypto = crypto();
    StoreWorker secondStoring = storing();
    submitMany(200, alice);
    firstCrypto.close();
    firstStoring.close();
    submitMany(200, alice);
    crypto();
    storing();
    submitMany(200, alice);
    secondCrypto.close();
    secondStoring.close();

    assertAllStored(List.of(alice));
    await().atMost(60, SECONDS).until(() -> offsetsBehind() == 0);
  }

  @Test
  void waitsForRoomInsteadOfHoldingManyLargeMessages() throws Exception {
    String alice = post.create("alice@example.com");
    WorkerSettings tight =
        new WorkerSettings(
            400_000,
            1_000_000,
            Duration.ofMinutes(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            1000,
            "classic");
    crypto(tight);
    storing(tight);

    submitInterleaved(40, 1_000_000, alice);

    assertAllStored(List.of(alice));
  }

  @Test
  void neverBringsBackWhatWasFetchedAndDeleted() throws Exception {
    String alice = post.create("alice@example.com");
    submitMany(50, alice);
    CryptoWorker crypto = crypto();
    StoreWorker storing = storing();
    assertAllStored(List.of(alice));
    crypto.close();
    storing.close();
    for (ObjectStore.Entry entry : list(alice)) {
      String id = MailKey.parse(entry.key()).orElseThrow().messageId();
      ledger
          .write(List.of(new Fact(Fact.Kind.DELETED, id, alice, Instant.now(), null)))
          .toCompletableFuture()
          .get(30, SECONDS);
      store.delete(List.of(entry.key()));
    }
    startAgainFromTheStart();

    sent.clear();
    crypto();
    storing();
    submitMany(1, alice);

    assertAllStored(List.of(alice));
    await().atMost(60, SECONDS).until(() -> offsetsBehind() == 0);
    assertThat(list(alice)).hasSize(1);
  }

  @Test
  void truncatesRawBehindWhatIsStored() throws Exception {
    String alice = post.create("alice@example.com");
    crypto();
    RawTruncation truncation =
        new RawTruncation(kafka.clientProperties(), topics, Duration.ofMillis(100));
    parts.add(truncation);
    truncation.start();
    submitMany(50, alice);
    await().atMost(60, SECONDS).until(() -> behind(topics.raw(), topics.cryptoGroup()) == 0);
    assertThat(length(topics.raw())).as("sealed is not stored").isEqualTo(50);

    storing();

    await().atMost(60, SECONDS).until(() -> length(topics.raw()) == 0);
    assertAllStored(List.of(alice));
  }

  @Test
  void carriesToTheDeadLettersWhatNobodyHereCanOpen() throws Exception {
    String alice = post.create("alice@example.com");
    transitKey = TransitKey.of(Keys.generate(true, random).recipient());
    submit(octets(300_000), List.of(alice)).get(30, SECONDS);
    String messageId = sent.keySet().iterator().next();
    crypto();

    List<ConsumerRecord<byte[], byte[]>> dead = read(topics.dead(), 3);

    assertThat(dead).allSatisfy(r -> assertThat(new String(r.key(), UTF_8)).isEqualTo(messageId));
    assertThat(header(dead.get(0), "dead-category")).isEqualTo("TRANSIT_KEY");
    assertThat(header(dead.get(0), "dead-text")).contains(transitKey.id());
    assertThat(header(dead.get(2), "flags")).isEqualTo("last");
    assertThat(dead.stream().mapToInt(r -> r.value().length).sum()).isGreaterThan(300_000);
    await().atMost(30, SECONDS).until(() -> behind(topics.raw(), topics.cryptoGroup()) == 0);
    assertThat(facts(Fact.Kind.DEAD))
        .singleElement()
        .extracting(Fact::messageId)
        .isEqualTo(messageId);
  }

  @Test
  void afterACrashSealsAgainWhatIsInRawAndStoresWhatWasLost() throws Exception {
    String alice = post.create("alice@example.com");
    CryptoWorker crypto = crypto();
    submitMany(20, alice);
    await().atMost(60, SECONDS).until(() -> behind(topics.raw(), topics.cryptoGroup()) == 0);
    crypto.close();
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      loseSealed(admin);
      new CrashRecovery(admin, topics).run();
    }

    crypto();
    storing();

    assertAllStored(List.of(alice));
  }

  private byte[] octets(int size) {
    byte[] octets = new byte[size];
    new Random(size).nextBytes(octets);
    return octets;
  }

  private CompletableFuture<Void> submit(byte[] message, List<String> mailboxIds) throws Exception {
    Submission submission = raw.begin(post.envelope(mailboxIds));
    for (int i = 0; i < message.length; i += 16_384) {
      submission.write(message, i, Math.min(16_384, message.length - i));
      submission.whenWritable().toCompletableFuture().get(30, SECONDS);
    }
    sent.put(submission.messageId(), message);
    return submission.commit().toCompletableFuture();
  }

  private void submitMany(int count, String mailboxId) throws Exception {
    List<CompletableFuture<Void>> commits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commits.add(submit(octets(4000 + i), List.of(mailboxId)));
    }
    for (CompletableFuture<Void> commit : commits) {
      commit.get(30, SECONDS);
    }
  }

  private void submitInterleaved(int count, int size, String mailboxId) throws Exception {
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

  private CryptoWorker crypto() throws Exception {
    return crypto(WorkerSettings.DEFAULT);
  }

  private CryptoWorker crypto(WorkerSettings settings) throws Exception {
    CryptoWorker worker =
        new CryptoWorker(
            kafka.clientProperties(),
            topics,
            new CryptoSettings(1, Duration.ofSeconds(30), settings),
            post.transitIdentities(),
            post,
            ledger,
            Clock.systemUTC(),
            random,
            new SimpleMeterRegistry());
    parts.add(worker);
    worker.start();
    return worker;
  }

  private StoreWorker storing() {
    return storing(WorkerSettings.DEFAULT);
  }

  private StoreWorker storing(WorkerSettings settings) {
    StoreWorker worker =
        new StoreWorker(
            kafka.clientProperties(),
            topics,
            new StoreSettings(1, 4, settings),
            store,
            ledger,
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    parts.add(worker);
    worker.start();
    return worker;
  }

  private void assertAllStored(List<String> mailboxIds) throws Exception {
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

  private List<ObjectStore.Entry> list(String mailboxId) throws Exception {
    return store.list("mailboxes/" + mailboxId + "/mail/", "", 10_000);
  }

  private void startAgainFromTheStart() throws Exception {
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      for (String group : List.of(topics.cryptoGroup(), topics.storeGroup())) {
        admin.deleteConsumerGroups(List.of(group)).all().get(30, SECONDS);
      }
    }
  }

  /** As if sealed had lost everything: the topic is there, and empty. */
  private void loseSealed(Admin admin) throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    for (int i = 0; i < topics.partitions(); i++) {
      all.put(new TopicPartition(topics.sealed(), i), RecordsToDelete.beforeOffset(-1));
    }
    admin.deleteRecords(all).all().get(30, SECONDS);
  }

  private long offsetsBehind() throws Exception {
    return behind(topics.raw(), topics.cryptoGroup())
        + behind(topics.sealed(), topics.storeGroup());
  }

  private long behind(String topic, String group) throws Exception {
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      var committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(30, SECONDS);
      long behind = 0;
      for (var end : offsets(admin, topic, OffsetSpec.latest()).entrySet()) {
        var mark = committed.get(end.getKey());
        behind += end.getValue() - (mark == null ? 0 : mark.offset());
      }
      return behind;
    }
  }

  private long length(String topic) throws Exception {
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      return sum(offsets(admin, topic, OffsetSpec.latest()))
          - sum(offsets(admin, topic, OffsetSpec.earliest()));
    }
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  private Map<TopicPartition, Long> offsets(Admin admin, String topic, OffsetSpec edge)
      throws Exception {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    for (int i = 0; i < topics.partitions(); i++) {
      wanted.put(new TopicPartition(topic, i), edge);
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listOffsets(wanted)
        .all()
        .get(30, SECONDS)
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  private List<Fact> facts(Fact.Kind kind) {
    List<Fact> facts = new ArrayList<>();
    new LedgerReader(kafka.clientProperties(), topics)
        .read(
            Instant.EPOCH,
            fact -> {
              if (fact.kind() == kind) {
                facts.add(fact);
              }
            });
    return facts;
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            kafka.clientProperties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      await()
          .atMost(30, SECONDS)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
              });
    }
    return records;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
