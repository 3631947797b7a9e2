package io.postern.gateway.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.maildrop.Layout;
import io.postern.pipeline.Fact;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditTest extends InstallationTest {

  @Test
  void findsNothingWhereAllIsWell() throws Exception {
    site.startWorkers();
    String both = site.send(octets(300_000), alice, bob);
    site.send(octets(100), alice);
    site.awaitIdle();
    site.delete(bob, both);
    site.stopWorkers();
    site.send(octets(400_000), bob);

    Audit.Result result = site.audit(findings);

    assertThat(findings).isEmpty();
    assertThat(result.amiss()).isZero();
    assertThat(result.count(Verdict.STORED)).isEqualTo(2);
    assertThat(result.count(Verdict.DELETED)).isEqualTo(1);
    assertThat(result.count(Verdict.UNDER_WAY)).isEqualTo(1);
  }

  @Test
  void namesExactlyTheMessageWhoseObjectIsGone() throws Exception {
    site.startWorkers();
    String lost = site.send(octets(300_000), alice, bob);
    for (int i = 0; i < 20; i++) {
      site.send(octets(100 + i), alice);
    }
    site.awaitIdle();
    store.delete(site.objects(alice, lost));

    assertThat(site.audit(findings).amiss()).isEqualTo(1);

    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.finding()).isEqualTo("missing");
              assertThat(finding.message()).isEqualTo(lost);
              assertThat(finding.address()).isEqualTo("alice@example.org");
              assertThat(finding.remedy()).contains("postern replay sealed");
            });
  }

  @Test
  void namesWhatWasAcceptedAndIsNowhere() throws Exception {
    String nowhere = site.send(octets(100), alice);
    String sealedOnly = site.send(octets(200), bob);
    site.startCrypto();
    site.startStoring();
    site.awaitIdle();
    // As if the store-worker had finished them and written nothing.
    store.delete(site.objects(alice, nowhere));
    String never = neighbour(nowhere);
    site.write(Fact.Kind.ACCEPTED, never, bob.id());

    site.audit(findings);

    assertThat(findings)
        .extracting(Finding::finding, Finding::message)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("missing", nowhere),
            org.assertj.core.groups.Tuple.tuple("lost", never));
    assertThat(findings).extracting(Finding::message).doesNotContain(sealedOnly);
  }

  @Test
  void namesDamagedObjectsAndStrangers() throws Exception {
    site.startWorkers();
    String cut = site.send(octets(1000), alice);
    site.awaitIdle();
    store.put(site.objects(alice, cut).get(0), new byte[300]);
    store.put("mailboxes/readme.txt", new byte[1]);
    String stranger = neighbour(alice.id());
    store.put(Layout.identity(stranger), new byte[10]);
    store.delete(List.of(Layout.identity(bob.id())));

    site.audit(findings);

    assertThat(findings)
        .extracting(Finding::finding)
        .containsExactlyInAnyOrder(
            "damaged", "unknown_object", "unknown_mailbox", "mailbox_damaged");
  }

  @Test
  void looksAtWhatDoesNotFitIntoMemoryInSeveralPasses() throws Exception {
    site.startWorkers();
    List<String> lost = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String id = site.send(octets(100 + i), alice, bob);
      if (i % 10 == 0) {
        lost.add(id);
      }
    }
    site.awaitIdle();
    for (String id : lost) {
      store.delete(site.objects(bob, id));
    }

    Audit.Result result = site.audit(findings, 40);

    assertThat(result.passes()).isGreaterThan(2);
    assertThat(result.count(Verdict.STORED)).isEqualTo(114);
    assertThat(findings).extracting(Finding::message).containsExactlyInAnyOrderElementsOf(lost);
  }

  /** Returns an id that differs from the given one, in its last character. */
  private static String neighbour(String id) {
    return id.substring(0, 25) + (id.endsWith("0") ? "1" : "0");
  }
}
