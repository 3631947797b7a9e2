package io.postern.gateway.recovery;

import io.postern.age.Sealer;
import io.postern.gateway.CommandFailure;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CompleteAttempts;
import io.postern.pipeline.CopyTable;
import io.postern.pipeline.CopyTable.Sign;
import io.postern.pipeline.Fact;
import io.postern.pipeline.LedgerView;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.Topics;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.WorkerMarks;
import io.postern.pipeline.work.DeadTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Everything that ledger, topics and object store know of some messages, gathered beside a running
 * Postern in an order in which nothing can slip through: what moves on meanwhile is seen where it
 * was or where it comes to.
 *
 * <ol>
 *   <li>the ledger: what was accepted, sealed and stored so far;
 *   <li>the workers' marks, then {@code raw} and {@code sealed} from there: what is under way;
 *   <li>the dead letters;
 *   <li>the ledger's growth since: what has ended meanwhile. What it says to have begun counts as
 *       under way;
 *   <li>the objects;
 *   <li>the ledger's growth once more: what was deleted before it could be listed. A deletion is
 *       written there before it is done.
 * </ol>
 */
final class Survey {
  /** How far the clocks of two nodes may lie apart. */
  static final Duration CLOCK_SLACK = Duration.ofMinutes(10);

  /** Objects that are listed at a time: each page costs a directory store a look at everything. */
  private static final int PAGE = 100_000;

  private static final long MAX_NUMBER = Integer.MAX_VALUE;

  /**
   * What is surveyed.
   *
   * @param wanted which messages, by id
   * @param mailbox which mailbox's copies alone, or null: all
   * @param since no wanted message is older
   * @param deep whether {@code sealed} is read from its beginning and not only from the workers'
   *     marks on
   */
  record Scope(Predicate<String> wanted, String mailbox, Instant since, boolean deep) {
    boolean wantsMailbox(String mailboxId) {
      return mailbox == null || mailboxId == null || mailbox.equals(mailboxId);
    }

    /** When the first fact about a wanted message may have been written. */
    Instant firstFact() {
      return since.isBefore(Instant.EPOCH.plus(CLOCK_SLACK)) ? since : since.minus(CLOCK_SLACK);
    }
  }

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final ObjectStore store;
  private final Scope scope;
  private final Progress progress;
  private final CopyTable table;

  Survey(Parts parts, Scope scope, Progress progress, CopyTable table) {
    this.kafka = parts.kafka();
    this.topics = parts.topics();
    this.store = parts.store();
    this.scope = scope;
    this.progress = progress;
    this.table = table;
  }

  /**
   * All that is known of the mail of a window, of one mailbox or of all.
   *
   * @throws CommandFailure where it is too much for the memory that there is
   */
  static CopyTable of(Parts parts, Window window, Optional<Mailbox> mailbox, Progress progress)
      throws StoreException {
    Scope scope =
        new Scope(window::holds, mailbox.map(Mailbox::id).orElse(null), window.since(), false);
    try {
      return new Survey(parts, scope, progress, new CopyTable(CopyTable.fittingLimit()))
          .gather(
              List.of(mailbox.map(m -> Layout.mail(m.id())).orElse(Layout.MAILBOXES)), other -> {});
    } catch (CopyTable.FullException e) {
      throw new CommandFailure(
          e.getMessage()
              + " to compare: replay in parts, with --since and --until or --mailbox, or give more"
              + " memory, for example POSTERN_JAVA_OPTS=-Xmx8g",
          e);
    }
  }

  /**
   * Gathers.
   *
   * @param prefixes where objects are looked for
   * @param others hears of every object there that is not a wanted message
   * @throws CopyTable.FullException where there is more than the table takes
   */
  CopyTable gather(Collection<String> prefixes, Consumer<ObjectStore.Entry> others)
      throws StoreException {
    try (LedgerView ledger = new LedgerView(kafka, topics, scope.firstFact())) {
      catchUp(ledger, this::known);
      WorkerMarks marks = WorkerMarks.read(kafka, topics);
      readRaw(marks);
      readSealed(marks);
      readDead();
      catchUp(ledger, this::sinceThen);
      for (String prefix : prefixes) {
        list(prefix, others);
      }
      catchUp(ledger, this::deletedMeanwhile);
    }
    return table;
  }

  /** Looks for complete attempts in {@code sealed} and {@code raw} that a replay could use. */
  void findSources(Instant since) {
    Instant first = since.minus(CLOCK_SLACK);
    readAll(
        TopicReader.since(kafka, topics.sealed(), first),
        "sealed",
        CompleteAttempts.ofCopies(found -> source(found, Sign.IN_SEALED)));
    readAll(
        TopicReader.since(kafka, topics.raw(), first),
        "raw",
        CompleteAttempts.ofMessages(found -> source(found, Sign.IN_RAW)));
  }

  private void source(CompleteAttempts.Found found, Sign sign) {
    if (!found.decided()) {
      return;
    }
    for (String mailboxId : found.mailboxIds()) {
      if (Ulids.isUlid(found.messageId()) && table.contains(found.messageId(), mailboxId)) {
        table.mark(found.messageId(), mailboxId, sign);
      }
    }
  }

  private void catchUp(LedgerView ledger, Consumer<Fact> use) {
    try (Progress.Stretch stretch = progress.begin("ledger", ledger.behind())) {
      ledger.catchUp(
          fact -> {
            stretch.step(1);
            boolean ofMailbox = fact.mailboxId() == null || Ulids.isUlid(fact.mailboxId());
            if (Ulids.isUlid(fact.messageId())
                && ofMailbox
                && scope.wantsMailbox(fact.mailboxId())
                && wanted(fact.messageId())) {
              use.accept(fact);
            }
          });
    }
  }

  private void known(Fact fact) {
    switch (fact.kind()) {
      case ACCEPTED -> {
        mark(fact, Sign.ACCEPTED);
        // A dead letter that is sent once more.
        table.unmark(fact.messageId(), fact.mailboxId(), Sign.DEAD);
      }
      case SEALED -> mark(fact, Sign.SEALED);
      case STORED -> stored(fact);
      case FETCHED -> {}
      case DELETED -> mark(fact, Sign.DELETED);
      case DEAD -> mark(fact, Sign.DEAD);
    }
  }

  private void sinceThen(Fact fact) {
    known(fact);
    if (fact.kind() == Fact.Kind.ACCEPTED || fact.kind() == Fact.Kind.SEALED) {
      mark(fact, Sign.UNDER_WAY);
    }
  }

  private void deletedMeanwhile(Fact fact) {
    if (fact.kind() == Fact.Kind.DELETED) {
      mark(fact, Sign.DELETED);
    }
  }

  private void stored(Fact fact) {
    mark(fact, Sign.STORED);
    try {
      long octets = fact.detail() == null ? 0 : Long.parseLong(fact.detail());
      if (octets > 0 && octets <= MAX_NUMBER) {
        table.number(fact.messageId(), fact.mailboxId(), (int) octets);
      }
    } catch (NumberFormatException e) {
      // Then there is no size to compare with.
    }
  }

  private void mark(Fact fact, Sign sign) {
    table.mark(fact.messageId(), fact.mailboxId(), sign);
  }

  private void readRaw(WorkerMarks marks) {
    readAll(
        TopicReader.from(kafka, topics.raw(), marks.raw()),
        "raw",
        CompleteAttempts.ofMessages(
            found -> {
              if (marks.rawUnderWay(found.partition(), found.firstOffset())) {
                mark(found, Sign.UNDER_WAY);
              }
            }));
  }

  private void readSealed(WorkerMarks marks) {
    Map<Integer, Long> from = scope.deep() ? Map.of() : marks.sealed();
    readAll(
        TopicReader.from(kafka, topics.sealed(), from),
        "sealed",
        CompleteAttempts.ofCopies(
            found -> {
              mark(found, Sign.IN_SEALED);
              if (marks.sealedUnderWay(found.partition(), found.firstOffset())) {
                mark(found, Sign.UNDER_WAY);
              }
            }));
  }

  private void mark(CompleteAttempts.Found found, Sign sign) {
    if (!Ulids.isUlid(found.messageId()) || !wanted(found.messageId())) {
      return;
    }
    found.mailboxIds().stream()
        .filter(scope::wantsMailbox)
        .forEach(mailboxId -> table.mark(found.messageId(), mailboxId, sign));
  }

  private void readAll(TopicReader reader, String what, CompleteAttempts attempts) {
    try (reader;
        Progress.Stretch stretch = progress.begin(what, reader.behind())) {
      reader.catchUp(
          record -> {
            stretch.step(1);
            attempts.accept(record);
          });
    }
  }

  private void readDead() {
    new DeadTopic(kafka, topics)
        .read(
            letter -> {
              if (Ulids.isUlid(letter.messageId()) && wanted(letter.messageId())) {
                List<String> mailboxIds = letter.mailboxIds();
                if (mailboxIds.isEmpty()) {
                  table.mark(letter.messageId(), null, Sign.DEAD);
                }
                mailboxIds.stream()
                    .filter(id -> Ulids.isUlid(id) && scope.wantsMailbox(id))
                    .forEach(id -> table.mark(letter.messageId(), id, Sign.DEAD));
              }
            });
  }

  private void list(String prefix, Consumer<ObjectStore.Entry> others) throws StoreException {
    try (Progress.Stretch stretch = progress.begin("objects", -1)) {
      List<ObjectStore.Entry> page = store.list(prefix, "", PAGE);
      while (!page.isEmpty()) {
        for (ObjectStore.Entry object : page) {
          take(object, others);
        }
        stretch.step(page.size());
        page =
            page.size() < PAGE
                ? List.of()
                : store.list(prefix, page.get(page.size() - 1).key(), PAGE);
      }
    }
  }

  private void take(ObjectStore.Entry object, Consumer<ObjectStore.Entry> others) {
    MailKey key =
        object.key().startsWith(Layout.MAILBOXES) ? MailKey.parse(object.key()).orElse(null) : null;
    if (key == null) {
      others.accept(object);
    } else if (wanted(key.messageId())) {
      take(key, object.sizeBytes());
    }
  }

  private void take(MailKey key, long octets) {
    String messageId = key.messageId();
    String mailboxId = key.mailboxId();
    int written = table.number(messageId, mailboxId);
    if (table.has(messageId, mailboxId, Sign.OBJECT)) {
      table.mark(messageId, mailboxId, Sign.TWICE);
    }
    table.mark(messageId, mailboxId, Sign.OBJECT);
    if (written != 0 && written != octets) {
      table.mark(messageId, mailboxId, Sign.WRONG_SIZE);
    }
    try {
      Sealer.plaintextLength(key.headerLength(), octets);
    } catch (IllegalArgumentException e) {
      table.mark(messageId, mailboxId, Sign.IMPOSSIBLE_SIZE);
    }
  }

  private boolean wanted(String messageId) {
    return scope.wanted().test(messageId) && !Ulids.time(messageId).isBefore(scope.since());
  }
}
