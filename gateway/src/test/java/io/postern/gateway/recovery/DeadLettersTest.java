package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.age.Keys;
import io.postern.pipeline.work.DeadSettlement;
import io.postern.pipeline.work.DeadTopic;
import io.postern.pipeline.work.DeadTopic.Letter;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLettersTest extends InstallationTest {
  private final SecureRandom random = new SecureRandom();
  private DeadTopic dead;
  private DeadSettlement desk;

  @BeforeEach
  void open() {
    dead = new DeadTopic(site.kafka, site.topics);
    desk =
        new DeadSettlement(
            dead, site.topics, site.outbox, site.ledger, InstantSource.system(), random);
  }

  @Test
  void mailThatLackedItsKeyIsDeliveredOnceTheKeyIsThere() throws Exception {
    site.startCrypto(Keys.generate(true, random));
    site.startStoring();
    byte[] large = octets(700_000);
    byte[] small = octets(50);
    String first = site.send(large, alice, bob);
    String second = site.send(small, bob);
    await().atMost(30, SECONDS).until(() -> letters().size() == 2);
    assertThat(letters()).extracting(Letter::category).containsOnly("TRANSIT_KEY");
    site.awaitIdle();
    assertThat(site.audit(findings).amiss()).as("%s", findings).isZero();
    site.stopWorkers();
    site.startWorkers();

    desk.replay(letters());

    assertThat(letters()).isEmpty();
    await().atMost(30, SECONDS).until(() -> site.objects(bob, second).size() == 1);
    await().atMost(30, SECONDS).until(() -> site.objects(alice, first).size() == 1);
    site.awaitIdle();
    assertThat(site.mail(alice).get(first)).isEqualTo(large);
    assertThat(site.mail(bob).get(first)).isEqualTo(large);
    assertThat(site.mail(bob).get(second)).isEqualTo(small);
    Audit.Result result = site.audit(findings);
    assertThat(findings).isEmpty();
    assertThat(result.count(Verdict.STORED)).isEqualTo(3);
    assertThat(result.count(Verdict.DEAD)).isZero();
  }

  @Test
  void copiesThatWereDeliveredAndDeletedDoNotComeAgain() throws Exception {
    String id = site.send(octets(300_000), alice, bob);
    site.mailboxes.delete(bob.address(), true);
    site.startWorkers();
    await().atMost(60, SECONDS).until(() -> letters().size() == 1);
    Letter letter = letters().get(0);
    assertThat(letter.category()).isEqualTo("NO_MAILBOX");
    assertThat(letter.messageId()).isEqualTo(id);
    assertThat(letter.mailboxIds()).containsExactly(bob.id());
    assertThat(letter.ofSomeCopies()).isTrue();
    site.awaitIdle();
    site.delete(alice, id);

    desk.replay(List.of(letter));

    await()
        .atMost(60, SECONDS)
        .until(() -> letters().stream().anyMatch(again -> again.number() > letter.number()));
    site.awaitIdle();
    assertThat(site.objects(alice, id)).isEmpty();
    assertThat(letters()).hasSize(1);
    desk.discard(letters());
    assertThat(letters()).isEmpty();
    assertThat(site.audit(findings).amiss()).as("%s", findings).isZero();
  }

  @Test
  void whatNobodyCanReadDiesAgainUntilItIsDiscarded() throws Exception {
    site.startWorkers();
    site.outbox
        .run(site.topics.raw(), "nonsense")
        .send(List.of(), "nothing of ours".getBytes(US_ASCII))
        .get(30, SECONDS);
    await().atMost(30, SECONDS).until(() -> letters().size() == 1);
    Letter letter = letters().get(0);
    assertThat(letter.category()).isEqualTo("MALFORMED");
    assertThat(letter.messageId()).isEqualTo("nonsense");
    assertThat(letter.records()).isEqualTo(1);

    desk.replay(List.of(letter));

    await()
        .atMost(30, SECONDS)
        .until(() -> letters().size() == 1 && letters().get(0).number() > letter.number());
    desk.discard(letters());
    assertThat(letters()).isEmpty();
  }

  private List<Letter> letters() {
    List<Letter> letters = new ArrayList<>();
    dead.read(letters::add);
    return letters;
  }
}
