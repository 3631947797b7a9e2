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
import io.postern.pipeline.Submission;
import io.postern.pipeline.Topics;
import io.postern.pipeline.TransitKey;
import io.postern.pipeline.TruncationRound;
import io.postern.pipeline.work.WorkerSettings;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The whole pipeline in one thread, driven by dice: senders, two workers of each kind, a reader
 * that fetches and deletes, the truncation of {@code raw}, and everything that can go wrong. The
 * lanes, jobs and codecs are the real ones, age included.
 */
final class Simulation {
  private static final String SECRET = "Subject: for your eyes only";
  private static final Duration SENDER_TIMEOUT = Duration.ofMinutes(10);
  private static final RawSettings RAW_SETTINGS =
      new RawSettings(30_000, 4, Duration.ofSeconds(8), Duration.ofMinutes(1), SENDER_TIMEOUT);

  private final Random dice;
  private final SecureRandom random;
  private final SimulatedClock clock = new SimulatedClock();
  private final Topics topics = new Topics("", SimulatedLog.PARTITIONS, 1, 1);
  private final SimulatedLog log = new SimulatedLog(clock, SECRET);
  private final SimulatedLedger ledger = new SimulatedLedger(clock);
  private final Post post;
  private final SimulatedStore store;
  private final SimulatedOutbox ingest = new SimulatedOutbox(log, clock);
  private final SealedRawTopic raw;
  private final SimulatedWorker[] crypto = new SimulatedWorker[2];
  private final SimulatedWorker[] storing = new SimulatedWorker[2];
  private final List<Sender> senders = new ArrayList<>();

  /** What was sent, and to whom, by message id. */
  private final Map<String, byte[]> sent = new HashMap<>();

  private final Map<String, List<String>> copies = new LinkedHashMap<>();
  private final Set<String> acknowledged = new HashSet<>();

  /** What the mail server behind a proxy has taken, and what it has refused. */
  private final Set<String> delivered = new HashSet<>();

  private final Set<String> refused = new HashSet<>();

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
    raw = new SealedRawTopic(ingest, topics, RAW_SETTINGS, () -> transitKey, clock, random);
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
    acknowledged.forEach(messageId -> assertKept(messageId, "got its 250 and is lost"));
    delivered.forEach(messageId -> assertKept(messageId, "was delivered and is not archived"));
  }

  private void assertKept(String messageId, String otherwise) {
    for (String mailboxId : copies.get(messageId)) {
      assertThat(isStoredOrDeleted(messageId, mailboxId))
          .as("message %s %s", messageId, otherwise)
          .isTrue();
    }
  }

  private void step() throws Exception {
    clock.advance(Duration.ofMillis(dice.nextInt(200)));
    int event = dice.nextInt(1000);
    if (event < 20) {
      begin();
    } else if (event < 250) {
      send();
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

  /** A client in the middle of a transaction, with us or through a proxy with another server. */
  private record Sender(
      Submission submission,
      byte[] message,
      int[] position,
      boolean proxied,
      CompletableFuture<Void> prepared) {}

  private void begin() {
    List<String> mailboxes = new ArrayList<>(post.ids());
    mailboxes.removeIf(id -> mailboxes.size() > 1 && dice.nextBoolean());
    byte[] message = message();
    Submission submission = raw.begin(post.envelope(mailboxes));
    sent.put(submission.messageId(), message);
    copies.put(submission.messageId(), List.copyOf(mailboxes));
    senders.add(
        new Sender(submission, message, new int[1], dice.nextBoolean(), new CompletableFuture<>()));
  }

  /** Mostly small; some of several chunks, so that copies too have several slices. */
  private byte[] message() {
    int size = dice.nextInt(6) == 0 ? dice.nextInt(250_000) : dice.nextInt(500);
    StringBuilder text = new StringBuilder(SECRET).append(' ').append(dice.nextLong());
    while (text.length() < size) {
      text.append("\r\n").append(text.substring(0, Math.min(text.length(), 70_000)));
    }
    return text.toString().getBytes(ISO_8859_1);
  }

  private void send() {
    if (senders.isEmpty()) {
      return;
    }
    Sender sender = senders.get(dice.nextInt(senders.size()));
    int left = sender.message().length - sender.position()[0];
    if (left == 0 && sender.proxied()) {
      askUpstream(sender);
    } else if (left == 0) {
      senders.remove(sender);
      String messageId = sender.submission().messageId();
      sender.submission().commit().thenRun(() -> acknowledged.add(messageId));
    } else if (dice.nextInt(100) == 0) {
      // Vanishes, with or without a word.
      senders.remove(sender);
      if (dice.nextBoolean()) {
        sender.submission().abort();
      }
    } else if (sender.submission().writable()) {
      int count = Math.min(left, 1 + dice.nextInt(100_000));
      sender.submission().write(sender.message(), sender.position()[0], count);
      sender.position()[0] += count;
    }
  }

  /** The final dot leaves for the real server only when the copy is prepared. */
  private void askUpstream(Sender sender) {
    Submission submission = sender.submission();
    if (!sender.prepared().isDone()) {
      submission
          .prepare()
          .whenComplete(
              (nothing, e) -> {
                if (e == null) {
                  sender.prepared().complete(null);
                } else {
                  sender.prepared().completeExceptionally(e);
                }
              });
      return;
    }
    if (dice.nextInt(4) == 0) {
      // The server takes its time.
      submission.keepAlive();
      return;
    }
    senders.remove(sender);
    if (sender.prepared().isCompletedExceptionally()) {
      return;
    }
    boolean taken = dice.nextBoolean();
    (taken ? delivered : refused).add(submission.messageId());
    if (dice.nextInt(3) > 0) {
      if (taken) {
        submission.commit();
      } else {
        submission.abort();
      }
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
    if (refused.contains(mail.messageId())) {
      assertThat(ledger.saysUnconfirmed(mail.messageId())).as("archived as delivered").isTrue();
    }
    assertThat(deleted).as("a deleted message came back").doesNotContain(key);
    assertThat(new String(sealed, ISO_8859_1)).doesNotContain(SECRET);
    for (String mailboxId : post.ids()) {
      try {
        byte[] opened = post.open(mailboxId, sealed);
        assertThat(mailboxId).as("who can open it").isEqualTo(mail.mailboxId());
        assertThat(opened).isEqualTo(sent.get(mail.messageId()));
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
    senders.clear();
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
    senders.forEach(sender -> sender.submission().abort());
    senders.clear();
    int steps = 0;
    do {
      for (int i = 0; i < 200; i++) {
        ingest.step(dice, false);
        workers().forEach(worker -> step(worker, false));
      }
      clock.advance(Duration.ofMinutes(11));
      workers().forEach(worker -> worker.expire(SENDER_TIMEOUT));
      assertThat(++steps).as("rounds until everything rests").isLessThan(2000);
    } while (!isAtRest());
  }

  private boolean isAtRest() {
    workers().forEach(SimulatedWorker::commit);
    boolean allCommitted =
        log.committed(topics.raw()).equals(log.ends(topics.raw()))
            && log.committed(topics.sealed()).equals(log.ends(topics.sealed()));
    return ingest.isIdle() && allCommitted && workers().stream().allMatch(SimulatedWorker::isIdle);
  }

  private boolean isStoredOrDeleted(String messageId, String mailboxId) {
    String name = "mailboxes/" + mailboxId + "/mail/" + messageId + "-";
    return store.keys().stream().anyMatch(key -> key.startsWith(name))
        || deleted.stream().anyMatch(key -> key.startsWith(name));
  }

  int acknowledgedCount() {
    return acknowledged.size();
  }
}
