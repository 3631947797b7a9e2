package io.postern.gateway.recovery;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.pipeline.PipelineException;
import io.postern.pipeline.RawReplay;
import io.postern.pipeline.WorkerMarks;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResendingTest extends InstallationTest {
  private RawReplay raw;

  @BeforeEach
  void open() {
    raw =
        new RawReplay(
            site.kafka, site.topics, site.outbox, InstantSource.system(), new SecureRandom());
  }

  @Test
  void whatAWorkerLostIsDeliveredOnce() throws Exception {
    site.startWorkers();
    String arrived = send(300_000, alice, bob);
    String deleted = send(400_000, alice);
    site.awaitIdle();
    site.delete(alice, deleted);
    site.stopWorkers();
    send(100, alice, bob);
    send(700_000, bob);
    site.startCrypto();
    await().atMost(30, SECONDS).until(() -> site.audit(new ArrayList<>()).amiss() == 0);
    awaitSealed();
    site.stopWorkers();
    // A bad store-worker: it has passed everything and stored nothing.
    raw.skipSealed(raw.sealedSoFar());
    assertThat(site.audit(findings).amiss()).isEqualTo(3);
    assertThat(findings).allSatisfy(f -> assertThat(f.finding()).isEqualTo("lost"));
    site.startWorkers();

    assertThat(run(false, true)).isEqualTo(new Resending.Result(2, 0));
    assertThat(run(false, false)).isEqualTo(new Resending.Result(2, 2));

    site.awaitIdle();
    assertThat(site.mail(alice).keySet()).doesNotContain(deleted).contains(arrived).hasSize(2);
    assertThat(site.mail(bob)).hasSize(3);
    site.mail(bob).forEach((id, mail) -> assertThat(mail).isEqualTo(sent.get(id)));
    findings.clear();
    assertThat(site.audit(findings).amiss()).as("%s", findings).isZero();
    assertThat(run(false, false)).isEqualTo(new Resending.Result(0, 0));
  }

  @Test
  void whatWasSealedWronglyIsSealedAnew() throws Exception {
    site.startCrypto();
    String id = send(300_000, alice);
    awaitSealed();
    site.startStoring();
    assertThatThrownBy(() -> awaitRefusal()).isInstanceOf(PipelineException.class);
    site.awaitIdle();
    site.stopWorkers();
    site.startCrypto();
    String waiting = send(200_000, alice, bob);
    awaitSealed();
    assertThat(run(false, true).found()).as("it is under way").isZero();

    assertThat(run(true, false)).isEqualTo(new Resending.Result(1, 1));

    site.startStoring();
    site.awaitIdle();
    assertThat(site.mail(alice).keySet()).containsExactlyInAnyOrder(id, waiting);
    assertThat(site.mail(bob).get(waiting)).isEqualTo(sent.get(waiting));
    assertThat(site.audit(findings).amiss()).as("%s", findings).isZero();
  }

  /** A store-worker that was started a moment ago joins its group soon. */
  private void awaitRefusal() throws Exception {
    await()
        .atMost(30, SECONDS)
        .ignoreExceptionsMatching(e -> !(e instanceof PipelineException))
        .until(
            () -> {
              raw.sealedSoFar();
              return false;
            });
  }

  private void awaitSealed() {
    await()
        .atMost(30, SECONDS)
        .until(
            () ->
                raw.find(found -> true, count -> {}).stream()
                    .noneMatch(
                        found ->
                            WorkerMarks.read(site.kafka, site.topics)
                                .rawUnderWay(found.partition(), found.firstOffset())));
  }

  private Resending.Result run(boolean skipSealed, boolean dryRun) throws Exception {
    return new Resending(site.parts(), raw, Progress.silent(), (id, octets) -> {})
        .run(Window.ALWAYS, Optional.empty(), skipSealed, dryRun);
  }
}
