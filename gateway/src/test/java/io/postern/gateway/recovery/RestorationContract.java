package io.postern.gateway.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.recovery.Restoration.Mode;
import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Ulids;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a replay of sealed does to any store. */
abstract class RestorationContract extends InstallationTest {

  @Test
  void theWholeStoreComesBackByteForByteAndWhatWasDeletedDoesNot() throws Exception {
    site.startWorkers();
    List<String> ids = new ArrayList<>();
    for (int size : new int[] {1, 100, 65_536, 200_000, 1_000_000, 7_000_000}) {
      ids.add(send(size, alice, bob));
      ids.add(send(size + 1, alice));
    }
    site.awaitIdle();
    site.delete(alice, ids.get(0));
    site.delete(bob, ids.get(8));
    Map<String, byte[]> ofAlice = site.mail(alice);
    Map<String, byte[]> ofBob = site.mail(bob);
    assertThat(ofAlice).hasSize(11);
    assertThat(ofBob).hasSize(5);
    site.wipeStore();

    Restoration.Result dry = restore(Window.ALWAYS, Optional.empty(), Mode.DRY_RUN);
    assertThat(dry.messages()).isEqualTo(16);
    assertThat(dry.mailboxes()).isEqualTo(2);
    assertThat(store.list("", "", 10)).as("a dry run writes nothing").isEmpty();

    Restoration.Result result = restore(Window.ALWAYS, Optional.empty(), Mode.WRITE);

    assertThat(result.messages()).isEqualTo(16);
    assertThat(result.octets()).isEqualTo(dry.octets());
    assertThat(result.refused()).isZero();
    assertSame(site.mail(alice), ofAlice);
    assertSame(site.mail(bob), ofBob);
    assertThat(site.audit(findings).amiss()).isZero();

    Restoration.Result again = restore(Window.ALWAYS, Optional.empty(), Mode.WRITE);
    assertThat(again.messages()).isZero();
    assertThat(again.mailboxes()).isZero();
  }

  @Test
  void bringsBackOnlyWhatIsAskedFor() throws Exception {
    site.startWorkers();
    String early = send(100, alice, bob);
    String late = send(200_000, alice, bob);
    site.awaitIdle();
    site.wipeStore();
    Instant between = Ulids.time(late);

    restore(new Window(between, Instant.MAX), Optional.of(bob), Mode.WRITE);

    assertThat(site.objects(bob, late)).hasSize(1);
    assertThat(site.objects(bob, early)).isEmpty();
    assertThat(site.objects(alice, late)).isEmpty();

    restore(new Window(Instant.EPOCH, between), Optional.empty(), Mode.WRITE);
    assertThat(site.objects(bob, early)).hasSize(1);
    assertThat(site.objects(alice, early)).hasSize(1);
    assertThat(site.objects(alice, late)).isEmpty();
  }

  @Test
  void replacesWhatHasTheWrongSize() throws Exception {
    site.startWorkers();
    String id = send(200_000, alice);
    site.awaitIdle();
    store.put(site.objects(alice, id).get(0), new byte[100]);

    assertThat(restore(Window.ALWAYS, Optional.empty(), Mode.WRITE).messages()).isEqualTo(1);

    assertSame(site.mail(alice), Map.of(id, sent.get(id)));
  }

  @Test
  void leavesToTheWorkersWhatIsTheirs() throws Exception {
    site.startCrypto();
    String id = send(300_000, alice);
    site.startStoring();
    site.awaitIdle();
    site.stopWorkers();
    site.startCrypto();
    String waiting = send(300_000, alice);
    org.awaitility.Awaitility.await()
        .until(() -> site.audit(new ArrayList<>()).count(Verdict.UNDER_WAY) == 1);

    assertThat(restore(Window.ALWAYS, Optional.empty(), Mode.WRITE).messages()).isZero();

    assertThat(site.objects(alice, id)).hasSize(1);
    assertThat(site.objects(alice, waiting)).isEmpty();
  }

  /** Mail comes, sessions that began before the loss delete, and somebody replays, all at once. */
  @Test
  void racesWithWorkersAndWithOwnersWhoDelete() throws Exception {
    long seed = System.nanoTime();
    Random dice = new Random(seed);
    site.startWorkers();
    Map<String, String> keys = new ConcurrentHashMap<>();
    for (int i = 0; i < 80; i++) {
      send(1 + dice.nextInt(150_000), alice);
    }
    site.awaitIdle();
    for (String id : sent.keySet()) {
      keys.put(id, site.objects(alice, id).get(0));
    }
    List<String> ids = new ArrayList<>(sent.keySet());
    Set<String> deleted = new HashSet<>(ids.subList(0, 40));
    store.delete(keys.values());

    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> deleting =
          threads.submit(
              () -> {
                for (String id : deleted) {
                  site.write(io.postern.pipeline.Fact.Kind.DELETED, id, alice.id());
                  store.delete(List.of(keys.get(id)));
                }
                return null;
              });
      Future<?> sending =
          threads.submit(
              () -> {
                for (int i = 0; i < 20; i++) {
                  send(1 + i * 1000, alice);
                }
                return null;
              });
      restore(Window.ALWAYS, Optional.empty(), Mode.WRITE);
      deleting.get();
      sending.get();
    } finally {
      threads.shutdown();
    }
    site.awaitIdle();
    restore(Window.ALWAYS, Optional.empty(), Mode.WRITE);

    Map<String, byte[]> expected = new TreeMap<>(sent);
    expected.keySet().removeAll(deleted);
    assertThat(site.mail(alice).keySet()).as("seed %d", seed).isEqualTo(expected.keySet());
    assertSame(site.mail(alice), expected);
    assertThat(site.audit(findings).amiss()).as("%s", findings).isZero();
  }

  private Restoration.Result restore(Window window, Optional<Mailbox> mailbox, Mode mode)
      throws Exception {
    return new Restoration(
            site.parts(), site.ledger, Progress.silent(), InstantSource.system(), told -> {})
        .run(window, mailbox, mode);
  }

  private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((id, message) -> assertThat(message).as(id).isEqualTo(expected.get(id)));
  }
}
