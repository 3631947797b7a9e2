package io.postern.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.crypto.SealingJobs;
import io.postern.maildrop.MailKey;
import io.postern.pipeline.Fact;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.Topics;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.TruncationRound;
import io.postern.pipeline.work.WorkerSettings;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The whole pipeline in one thread, driven by dice: senders, two workers of each kind, a reader
 * that fetches and deletes, the truncation of {@code raw}, and everything that can go wrong. The
 * lanes, jobs and codecs are the real ones, age included.
 */
final class Simulation {
  private static final String SECRET = "Subject: for your eyes only";
  private static final Duration SENDER_TIMEOUT = Duration.ofMinutes(10);
  private static final RawSettings RAW_SETTINGS =
      new RawSettings(
          30_000, 4, 1 << 20, Duration.ofSeconds(8), Duration.ofMinutes(1), SENDER_TIMEOUT);

  private final Random dice;
  private final SecureRandom random;
  private final SimulatedClock clock = new SimulatedClock();
  private final Topics topics = new Topics("", SimulatedLog.PARTITIONS, 1, 1);
  private final SimulatedLog log = new SimulatedLog(clock, SECRET);
  private final SimulatedLedger ledger = new SimulatedLedger(clock);
  private final Post post;
  private final SimulatedStore store;
  private final SimulatedOutbox ingest = new SimulatedOutbox(log, clock);
  private final SimulatedWorker[] crypto = new SimulatedWorker[2];
  private final SimulatedWorker[] storing = new SimulatedWorker[2];
  private final SimulatedSenders senders;

  /** Keys of objects that were fetched and deleted. */
  private final Set<String> deleted = new HashSet<>();

  private TruncationRound truncation;

  Simulation(long seed) throws GeneralSecurityException, AgeException {
    dice = new Random(seed);
    // The only one that a seed makes repeatable.
    random = SecureRandom.getInstance("SHA1PRNG");
    random.setSeed(seed);
    post = new Post(random, clock);
    store = new SimulatedStore(dice, this::written);
    TransitKey transitKey = post.transitKey();
    senders =
        new SimulatedSenders(
            new SealedRawTopic(ingest, topics, RAW_SETTINGS, () -> transitKey, clock, random),
            post,
            SECRET,
            dice);
    for (int i = 0; i < 3; i++) {
      post.create("box" + i + "@example.com");
    }
    for (int i = 0; i < 2; i++) {
      crypto[i] = cryptoWorker();
      storing[i] = storeWorker();
    }
    for (int partition = 0; partition < SimulatedLog.PARTITIONS; partition++) {
      crypto[partition % 2].assign(partition);
      storing[partition % 2].assign(partition);
    }
  }

  void run(int steps) throws Exception {
    for (int i = 0; i < steps; i++) {
      step();
    }
    settle();
    assertThat(store.uploads()).as("unfinished uploads").isZero();
    senders.acknowledged().forEach(id -> assertKept(id, "got its 250 and is lost"));
    senders.delivered().forEach(id -> assertKept(id, "was delivered and is not archived"));
  }

  private void assertKept(String messageId, String otherwise) {
    for (String mailboxId : senders.copies(messageId)) {
      assertThat(isStoredOrDeleted(messageId, mailboxId))
          .as("message %s %s", messageId, otherwise)
          .isTrue();
    }
  }

  private void step() throws Exception {
    clock.advance(Duration.ofMillis(dice.nextInt(200)));
    int event = dice.nextInt(1000);
    if (event < 20) {
      senders.begin();
    } else if (event < 250) {
      senders.send();
    } else if (event < 350) {
      ingest.step(dice, true);
    } else if (event < 650) {
      step(crypto[dice.nextInt(2)], true);
    } else if (event < 930) {
      step(storing[dice.nextInt(2)], true);
    } else if (event < 960) {
      fetchAndDelete();
    } else if (event < 980) {
      workers().get(dice.nextInt(4)).commit();
    } else if (event < 990) {
      truncate();
    } else if (event < 994) {
      rebalance(dice.nextBoolean() ? crypto : storing, dice.nextBoolean());
    } else if (event < 998) {
      kill(dice.nextBoolean() ? crypto : storing, dice.nextInt(2));
    } else if (event < 999) {
      powerCut();
    } else {
      clock.advance(Duration.ofMinutes(dice.nextInt(15)));
      workers().forEach(worker -> worker.expire(SENDER_TIMEOUT));
    }
  }

  private void step(SimulatedWorker worker, boolean faults) {
    store.calledBy(worker);
    worker.step(dice, faults);
  }

  private void die(SimulatedWorker worker) {
    store.calledBy(worker);
    worker.die(dice);
    store.forget(worker);
  }

  private List<SimulatedWorker> workers() {
    return List.of(crypto[0], crypto[1], storing[0], storing[1]);
  }

  private SimulatedWorker cryptoWorker() {
    return new SimulatedWorker(
        topics.raw(),
        log,
        clock,
        ledger,
        dice,
        (worker, inFlight) ->
            new SealingJobs(
                new SealingJobs.Tools(
                    transitIdentities(),
                    post,
                    worker.outbox(),
                    topics.sealed(),
                    worker.ledger(),
                    clock,
                    random,
                    worker.loop(),
                    inFlight,
                    WorkerSettings.DEFAULT)));
  }

  private SimulatedWorker storeWorker() {
    return new SimulatedWorker(
        topics.sealed(),
        log,
        clock,
        ledger,
        dice,
        (worker, inFlight) ->
            new StoringJobs(
                new StoringJobs.Tools(
                    store,
                    worker.ledger(),
                    worker.ledger(),
                    clock,
                    worker.pool(),
                    worker.loop(),
                    inFlight,
                    WorkerSettings.DEFAULT)));
  }

  private List<Identity> transitIdentities() {
    try {
      return post.transitIdentities();
    } catch (AgeException e) {
      throw new AssertionError(e);
    }
  }

  /** An archiver takes a message: the deletion is in the ledger before the object is gone. */
  private void fetchAndDelete() {
    List<String> keys = store.keys();
    if (!keys.isEmpty()) {
      String key = keys.get(dice.nextInt(keys.size()));
      MailKey mail = MailKey.parse(key).orElseThrow();
      ledger.append(
          new Fact(Fact.Kind.DELETED, mail.messageId(), mail.mailboxId(), clock.instant(), null));
      store.delete(List.of(key));
      deleted.add(key);
    }
  }

  /** Every object is looked at as it appears. */
  private void written(String key, byte[] sealed) {
    MailKey mail = MailKey.parse(key).orElseThrow();
    if (senders.refused().contains(mail.messageId())) {
      assertThat(ledger.saysUnconfirmed(mail.messageId())).as("archived as delivered").isTrue();
    }
    assertThat(deleted).as("a deleted message came back").doesNotContain(key);
    assertThat(new String(sealed, ISO_8859_1)).doesNotContain(SECRET);
    for (String mailboxId : post.ids()) {
      try {
        byte[] opened = post.open(mailboxId, sealed);
        assertThat(mailboxId).as("who can open it").isEqualTo(mail.mailboxId());
        assertThat(opened).isEqualTo(senders.message(mail.messageId()));
      } catch (AgeException e) {
        assertThat(e.category()).isEqualTo(AgeException.Category.NO_MATCH);
        assertThat(mailboxId).as("its owner cannot open it").isNotEqualTo(mail.mailboxId());
      }
    }
  }

  private void truncate() {
    if (truncation == null) {
      truncation = new TruncationRound(log.committed(topics.raw()), log.ends(topics.sealed()));
    }
    if (truncation.isStored(log.committed(topics.sealed()))) {
      log.deleteBelow(topics.raw(), truncation.rawMarks());
      truncation = null;
    }
  }

  private void rebalance(SimulatedWorker[] group, boolean inOrder) {
    int partition = dice.nextInt(SimulatedLog.PARTITIONS);
    SimulatedWorker from = group[0].has(partition) ? group[0] : group[1];
    from.revoke(partition, inOrder);
    (from == group[0] ? group[1] : group[0]).assign(partition);
  }

  private void kill(SimulatedWorker[] group, int index) {
    SimulatedWorker killed = group[index];
    List<Integer> orphans = new ArrayList<>();
    for (int partition = 0; partition < SimulatedLog.PARTITIONS; partition++) {
      if (killed.has(partition)) {
        orphans.add(partition);
      }
    }
    die(killed);
    group[index] = group == crypto ? cryptoWorker() : storeWorker();
    orphans.forEach(partition -> group[dice.nextInt(2)].assign(partition));
  }

  /** Everything in one process dies, and sealed loses its unflushed end: see CrashRecovery. */
  private void powerCut() {
    ingest.die(dice);
    senders.vanish();
    for (int i = 0; i < 2; i++) {
      die(crypto[i]);
      die(storing[i]);
      crypto[i] = cryptoWorker();
      storing[i] = storeWorker();
    }
    truncation = null;
    for (int partition = 0; partition < SimulatedLog.PARTITIONS; partition++) {
      log.loseTail(topics.sealed(), partition, dice.nextInt(5));
      log.commit(topics.raw(), partition, log.start(topics.raw(), partition));
      long end = log.end(topics.sealed(), partition);
      if (log.committed(topics.sealed(), partition) > end) {
        log.commit(topics.sealed(), partition, end);
      }
      crypto[dice.nextInt(2)].assign(partition);
      storing[dice.nextInt(2)].assign(partition);
    }
  }

  /** Nothing fails any more: everything must come to rest. */
  private void settle() {
    store.heal();
    senders.abort();
    int steps = 0;
    do {
      work();
      clock.advance(Duration.ofMinutes(11));
      workers().forEach(worker -> worker.expire(SENDER_TIMEOUT));
      assertThat(++steps).as("rounds until everything rests").isLessThan(2000);
    } while (!isAtRest());
  }

  /**
   * Until nothing is left to do at this time, or for much longer than that takes. Time stands still
   * meanwhile: a worker that needs minutes for each slice would begin anew for ever. The first
   * steps are for messages that wait to be read again, which are not seen.
   */
  private void work() {
    int enough = 200 + 100 * log.longest();
    for (int i = 0; i < 200 || i < enough && !isIdle(); i++) {
      ingest.step(dice, false);
      workers().forEach(worker -> step(worker, false));
    }
  }

  private boolean isIdle() {
    return ingest.isIdle() && workers().stream().allMatch(SimulatedWorker::isIdle);
  }

  private boolean isAtRest() {
    workers().forEach(SimulatedWorker::commit);
    boolean allCommitted =
        log.committed(topics.raw()).equals(log.ends(topics.raw()))
            && log.committed(topics.sealed()).equals(log.ends(topics.sealed()));
    return allCommitted && isIdle();
  }

  private boolean isStoredOrDeleted(String messageId, String mailboxId) {
    String name = "mailboxes/" + mailboxId + "/mail/" + messageId + "-";
    return store.keys().stream().anyMatch(key -> key.startsWith(name))
        || deleted.stream().anyMatch(key -> key.startsWith(name));
  }

  int acknowledgedCount() {
    return senders.acknowledged().size();
  }
}
