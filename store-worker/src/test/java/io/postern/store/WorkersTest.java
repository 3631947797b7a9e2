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
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.KafkaOutbox;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.Submission;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.testkit.KafkaForTests;
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
    var transitKey = post.transitKey();
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

  private CryptoWorker crypto() throws Exception {
    CryptoWorker worker =
        new CryptoWorker(
            kafka.clientProperties(),
            topics,
            CryptoSettings.DEFAULT,
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
    StoreWorker worker =
        new StoreWorker(
            kafka.clientProperties(),
            topics,
            StoreSettings.DEFAULT,
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
}
