package io.postern.gateway.recovery;

import io.postern.mailbox.Mailbox;
import io.postern.mailbox.MailboxException;
import io.postern.maildrop.Layout;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CopyTable;
import io.postern.pipeline.CopyTable.Entry;
import io.postern.pipeline.CopyTable.Sign;
import io.postern.pipeline.Ulids;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Compares ledger, topics and object store, and finds every copy of a message that is not where it
 * should be. Changes nothing; may run beside everything else.
 *
 * <p>Memory is bounded: what does not fit into the table is looked at in several passes, each over
 * the messages whose ids fall into one class.
 */
final class Audit {
  /** What came of it: how many copies have which verdict, and how much is amiss. */
  static final class Result {
    private final Map<Verdict, Long> copies = new EnumMap<>(Verdict.class);
    private long amiss;
    private int passes;

    long count(Verdict verdict) {
      return copies.getOrDefault(verdict, 0L);
    }

    long amiss() {
      return amiss;
    }

    int passes() {
      return passes;
    }
  }

  private final Parts parts;
  private final boolean deep;
  private final Progress progress;
  private final int tableLimit;
  private final Consumer<Finding> findings;
  private final Result result = new Result();
  private boolean mailboxesChecked;

  /**
   * @param deep whether {@code sealed} is read from its beginning
   * @param tableLimit copies that are looked at in one pass
   * @param findings hears of everything that is amiss or notable
   */
  Audit(Parts parts, boolean deep, Progress progress, int tableLimit, Consumer<Finding> findings) {
    this.parts = parts;
    this.deep = deep;
    this.progress = progress;
    this.tableLimit = tableLimit;
    this.findings = findings;
  }

  Result run() throws StoreException, MailboxException {
    pass(1, 0);
    return result;
  }

  /** Looks at the messages of one class, or in turn at the two halves of it where it is too big. */
  private void pass(int classes, int number) throws StoreException, MailboxException {
    Survey.Scope scope =
        new Survey.Scope(
            id -> (id.hashCode() >>> 1) % classes == number, null, Instant.EPOCH, deep);
    Survey survey = new Survey(parts, scope, progress, new CopyTable(tableLimit));
    Mailrooms rooms = new Mailrooms();
    CopyTable table;
    try {
      table = survey.gather(List.of(""), rooms::see);
    } catch (CopyTable.FullException e) {
      if (classes > Integer.MAX_VALUE / 4) {
        throw e;
      }
      pass(2 * classes, number);
      pass(2 * classes, number + classes);
      return;
    }
    result.passes++;
    judge(survey, table, rooms);
    if (!mailboxesChecked) {
      mailboxesChecked = true;
      rooms.report();
    }
  }

  private void judge(Survey survey, CopyTable table, Mailrooms rooms) {
    Judge judge = new Judge(table);
    table.forEach(judge::prepare);
    if (judge.oldestAmiss != null) {
      survey.findSources(judge.oldestAmiss);
    }
    table.forEach(copy -> judge.report(copy, rooms));
  }

  /** Gives every entry of a table its verdict. */
  private final class Judge {
    private final CopyTable table;
    private final Map<String, Mailbox> mailboxes = new HashMap<>();

    /** When the oldest message arrived that is amiss; null where none is. */
    private Instant oldestAmiss;

    Judge(CopyTable table) {
      this.table = table;
      parts.directory().all().forEach(mailbox -> mailboxes.put(mailbox.id(), mailbox));
    }

    /** Notes of the message that a copy of it is known, and looks whether the copy is amiss. */
    void prepare(Entry copy) {
      if (copy.mailboxId() != null) {
        table.number(copy.messageId(), null, 1);
      }
      if (verdict(copy).isAmiss()) {
        Instant arrived = Ulids.time(copy.messageId());
        oldestAmiss = oldestAmiss == null || arrived.isBefore(oldestAmiss) ? arrived : oldestAmiss;
      }
    }

    void report(Entry copy, Mailrooms rooms) {
      if (copy.mailboxId() == null) {
        reportMessage(copy);
        return;
      }
      Verdict verdict = verdict(copy);
      result.copies.merge(verdict, 1L, Long::sum);
      if (verdict == Verdict.GONE && copy.has(Sign.OBJECT)) {
        rooms.strangers.merge(copy.mailboxId(), 1L, Long::sum);
      }
      if (verdict.isAmiss() || verdict.isNotable()) {
        Finding finding =
            Finding.ofCopy(verdict, copy.messageId(), copy.mailboxId(), address(copy));
        emit(verdict.isAmiss() ? finding.withRemedy(remedy(copy)) : finding);
      }
    }

    /** Of a message as a whole there is something to say only where no copy is known. */
    private void reportMessage(Entry message) {
      boolean lost =
          message.number() == 0
              && message.has(Sign.ACCEPTED)
              && !message.has(Sign.DEAD)
              && !message.has(Sign.UNDER_WAY);
      if (lost) {
        result.copies.merge(Verdict.LOST, 1L, Long::sum);
        emit(Finding.ofCopy(Verdict.LOST, message.messageId(), null, null));
      }
    }

    private Verdict verdict(Entry copy) {
      if (copy.mailboxId() == null) {
        return Verdict.STORED;
      }
      return mailboxes.containsKey(copy.mailboxId())
          ? Verdict.of(copy, table.has(copy.messageId(), null, Sign.DEAD))
          : Verdict.GONE;
    }

    private String address(Entry copy) {
      Mailbox mailbox = mailboxes.get(copy.mailboxId());
      return mailbox == null ? null : mailbox.address();
    }

    private String remedy(Entry copy) {
      if (copy.has(Sign.IN_SEALED)) {
        return "postern replay sealed puts it back";
      }
      // What the ledger calls stored the workers pass over.
      return copy.has(Sign.IN_RAW) && !copy.has(Sign.STORED)
          ? "postern replay raw sends it again"
          : null;
    }
  }

  private void emit(Finding finding) {
    if (finding.amiss()) {
      result.amiss++;
    }
    findings.accept(finding);
  }

  /** What lies in the store besides mail: the mailboxes' own objects, and what does not belong. */
  private final class Mailrooms {
    private final Set<String> seen = new HashSet<>();

    /** Mailboxes that nobody knows, with the number of messages in them. */
    private final Map<String, Long> strangers = new TreeMap<>();

    void see(ObjectStore.Entry object) {
      if (mailboxesChecked) {
        return;
      }
      String[] path = object.key().split("/", 3);
      if (path.length == 3 && Ulids.isUlid(path[1]) && isOwn(path[1], object.key())) {
        seen.add(path[1]);
      } else {
        emit(Finding.ofObject(object.key()));
      }
    }

    private boolean isOwn(String id, String key) {
      return key.equals(Layout.record(id))
          || key.equals(Layout.identity(id))
          || key.equals(Layout.recoveryIdentity(id));
    }

    void report() throws StoreException, MailboxException {
      for (Mailbox mailbox : parts.directory().all()) {
        if (parts.mailboxes().isDamaged(mailbox)) {
          emit(
              Finding.ofMailbox(
                      "mailbox_damaged",
                      mailbox.id(),
                      mailbox.address(),
                      "what the store has of the mailbox itself is not what Kafka has")
                  .withRemedy("postern replay sealed writes it again"));
        }
      }
      seen.forEach(id -> strangers.putIfAbsent(id, 0L));
      for (Map.Entry<String, Long> stranger : strangers.entrySet()) {
        String id = stranger.getKey();
        if (parts.directory().byId(id).isEmpty() && stillThere(id)) {
          emit(
              Finding.ofMailbox(
                      "unknown_mailbox",
                      id,
                      null,
                      "the store has "
                          + (stranger.getValue() == 0 ? "its identity" : "mail")
                          + " of a mailbox that does not exist")
                  .withRemedy(
                      "postern recover directory makes it known where its record is there"));
        }
      }
    }

    /** A mailbox may have been made or deleted while this looked at the rest. */
    private boolean stillThere(String id) throws StoreException, MailboxException {
      return !parts.store().list(Layout.mailbox(id), "", 1).isEmpty();
    }
  }
}
