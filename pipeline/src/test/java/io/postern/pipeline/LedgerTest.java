package io.postern.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.KafkaForTests;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LedgerTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private final Ulids ids = new Ulids(InstantSource.system(), new SecureRandom());
  private final String alice = ids.next();
  private Topics topics;

  @BeforeEach
  void create() {
    topics = FreshTopics.on(kafka, 4);
  }

  @Test
  void tellsWhatIsStoredOrDeleted() throws Exception {
    String stored = ids.next();
    String sealed = ids.next();
    String deleted = ids.next();
    List<Fact> facts =
        List.of(
            fact(Fact.Kind.STORED, stored, "4711"),
            fact(Fact.Kind.SEALED, sealed, null),
            fact(Fact.Kind.DELETED, deleted, null),
            new Fact(Fact.Kind.ACCEPTED, sealed, null, Instant.now(), "2"));
    try (KafkaLedger ledger = ledger()) {
      write(ledger, facts);
    }
    LedgerReader reader = new LedgerReader(kafka.clientProperties(), topics);
    List<Fact> read = new ArrayList<>();
    reader.read(Instant.EPOCH, read::add);
    assertThat(read).containsExactlyInAnyOrderElementsOf(facts);

    CopySet finished = reader.finishedSince(Instant.now().minusSeconds(60));
    assertThat(finished.size()).isEqualTo(2);
    assertThat(finished.contains(stored, alice)).isTrue();
    assertThat(finished.contains(deleted, alice)).isTrue();
    assertThat(finished.contains(sealed, alice)).isFalse();
    assertThat(reader.finishedSince(Instant.now().plusSeconds(60)).size()).isZero();
  }

  @Test
  void answersWithWhatIsInItNow() throws Exception {
    String message = ids.next();
    try (KafkaLedger ledger = ledger();
        LedgerCheck check =
            new LedgerCheck(kafka.clientProperties(), topics, Duration.ofSeconds(10))) {
      assertThat(ask(check, message)).isFalse();
      write(ledger, List.of(fact(Fact.Kind.DELETED, message, null)));
      assertThat(ask(check, message)).isTrue();
      assertThat(ask(check, ids.next())).isFalse();
    }
  }

  private boolean ask(LedgerCheck check, String message) throws Exception {
    return check.contains(message, alice).toCompletableFuture().get(30, SECONDS);
  }

  private KafkaLedger ledger() {
    return new KafkaLedger(Kafka.of(kafka.clientProperties()), topics, Duration.ofSeconds(20));
  }

  private static void write(Ledger ledger, List<Fact> facts) throws Exception {
    ledger.write(facts).toCompletableFuture().get(30, SECONDS);
  }

  private Fact fact(Fact.Kind kind, String messageId, String detail) {
    return new Fact(kind, messageId, alice, Instant.now(), detail);
  }
}
