package io.postern.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.age.Keys;
import io.postern.crypto.CryptoWorker;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.CrashRecovery;
import io.postern.pipeline.Fact;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.RawTruncation;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.work.WorkerSettings;
import io.postern.testkit.KafkaForTests;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Both workers on a real Kafka. */
class WorkersTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  @TempDir Path directory;
  private RunningWorkers workers;

  @BeforeEach
  void connect() throws Exception {
    workers = new RunningWorkers(kafka, directory);
  }

  @AfterEach
  void close() throws Exception {
    workers.close();
  }

  @Test
  void carriesMessagesOfEverySizeToTheirMailboxes() throws Exception {
    String alice = workers.post.create("alice@example.com");
    String bob = workers.post.create("bob@example.com");
    workers.crypto();
    workers.storing();

    for (int size : new int[] {0, 1, 4_000, 65_535, 65_536, 131_072, 300_000, 5_000_000}) {
      workers.submit(RunningWorkers.octets(size), List.of(alice, bob));
    }

    workers.assertAllStored(List.of(alice, bob));
  }

  @Test
  void losesNothingWhileWorkersComeAndGo() throws Exception {
    String alice = workers.post.create("alice@example.com");
    CryptoWorker firstCrypto = workers.crypto();
    StoreWorker firstStoring = workers.storing();
    workers.submitMany(200, alice);
    CryptoWorker secondCrypto = workers.crypto();
    StoreWorker secondStoring = workers.storing();
    workers.submitMany(200, alice);
    firstCrypto.close();
    firstStoring.close();
    workers.submitMany(200, alice);
    workers.crypto();
    workers.storing();
    workers.submitMany(200, alice);
    secondCrypto.close();
    secondStoring.close();

    workers.assertAllStored(List.of(alice));
    await().atMost(60, SECONDS).until(() -> workers.behind() == 0);
  }

  @Test
  void waitsForRoomInsteadOfHoldingManyLargeMessages() throws Exception {
    String alice = workers.post.create("alice@example.com");
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
    workers.crypto(tight);
    workers.storing(tight);

    workers.submitInterleaved(40, 1_000_000, alice);

    workers.assertAllStored(List.of(alice));
  }

  @Test
  void neverBringsBackWhatWasFetchedAndDeleted() throws Exception {
    String alice = workers.post.create("alice@example.com");
    workers.submitMany(50, alice);
    CryptoWorker crypto = workers.crypto();
    StoreWorker storing = workers.storing();
    workers.assertAllStored(List.of(alice));
    crypto.close();
    storing.close();
    for (ObjectStore.Entry entry : workers.list(alice)) {
      String id = MailKey.parse(entry.key()).orElseThrow().messageId();
      workers
          .ledger
          .write(List.of(new Fact(Fact.Kind.DELETED, id, alice, Instant.now(), null)))
          .toCompletableFuture()
          .get(30, SECONDS);
      workers.store.delete(List.of(entry.key()));
    }
    startAgainFromTheStart();

    workers.sent.clear();
    workers.crypto();
    workers.storing();
    workers.submitMany(1, alice);

    workers.assertAllStored(List.of(alice));
    await().atMost(60, SECONDS).until(() -> workers.behind() == 0);
    assertThat(workers.list(alice)).hasSize(1);
  }

  @Test
  void truncatesRawBehindWhatIsStored() throws Exception {
    String alice = workers.post.create("alice@example.com");
    workers.crypto();
    RawTruncation truncation =
        workers.open(
            new RawTruncation(kafka.clientProperties(), workers.topics, Duration.ofMillis(100)));
    truncation.start();
    workers.submitMany(50, alice);
    await()
        .atMost(60, SECONDS)
        .until(() -> workers.rawTopic.behind(workers.topics.cryptoGroup()) == 0);
    assertThat(workers.rawTopic.length()).as("sealed is not stored").isEqualTo(50);

    workers.storing();

    await().atMost(60, SECONDS).until(() -> workers.rawTopic.length() == 0);
    workers.assertAllStored(List.of(alice));
  }

  @Test
  void carriesToTheDeadLettersWhatNobodyHereCanOpen() throws Exception {
    String alice = workers.post.create("alice@example.com");
    workers.transitKey = TransitKey.of(Keys.generate(true, new SecureRandom()).recipient());
    workers.submit(RunningWorkers.octets(300_000), List.of(alice)).get(30, SECONDS);
    String messageId = workers.sent.keySet().iterator().next();
    workers.crypto();

    List<ConsumerRecord<byte[], byte[]>> dead = workers.view(workers.topics.dead()).read(3);

    assertThat(dead).allSatisfy(r -> assertThat(new String(r.key(), UTF_8)).isEqualTo(messageId));
    assertThat(header(dead.get(0), "dead-category")).isEqualTo("TRANSIT_KEY");
    assertThat(header(dead.get(0), "dead-text")).contains(workers.transitKey.id());
    assertThat(header(dead.get(2), "flags")).isEqualTo("last");
    assertThat(dead.stream().mapToInt(r -> r.value().length).sum()).isGreaterThan(300_000);
    await()
        .atMost(30, SECONDS)
        .until(() -> workers.rawTopic.behind(workers.topics.cryptoGroup()) == 0);
    assertThat(facts(Fact.Kind.DEAD))
        .singleElement()
        .extracting(Fact::messageId)
        .isEqualTo(messageId);
  }

  @Test
  void afterACrashSealsAgainWhatIsInRawAndStoresWhatWasLost() throws Exception {
    String alice = workers.post.create("alice@example.com");
    CryptoWorker crypto = workers.crypto();
    workers.submitMany(20, alice);
    await()
        .atMost(60, SECONDS)
        .until(() -> workers.rawTopic.behind(workers.topics.cryptoGroup()) == 0);
    crypto.close();
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      workers.sealedTopic.lose();
      new CrashRecovery(admin, workers.topics).run();
    }

    workers.crypto();
    workers.storing();

    workers.assertAllStored(List.of(alice));
  }

  private void startAgainFromTheStart() throws Exception {
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      for (String group : List.of(workers.topics.cryptoGroup(), workers.topics.storeGroup())) {
        admin.deleteConsumerGroups(List.of(group)).all().get(30, SECONDS);
      }
    }
  }

  private List<Fact> facts(Fact.Kind kind) {
    List<Fact> facts = new ArrayList<>();
    new LedgerReader(kafka.clientProperties(), workers.topics)
        .read(
            Instant.EPOCH,
            fact -> {
              if (fact.kind() == kind) {
                facts.add(fact);
              }
            });
    return facts;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
