package io.postern.gateway.recovery;

import io.postern.mailbox.Mailbox;
import io.postern.mailbox.MailboxException;
import io.postern.maildrop.Layout;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.CopyTable;
import io.postern.pipeline.CopyTable.Sign;
import io.postern.pipeline.Fact;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.LedgerCheck;
import io.postern.pipeline.LedgerView;
import io.postern.pipeline.TopicReader;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.WorkerMarks;
import io.postern.store.SealedReplay;
import io.postern.store.SealedReplay.Choice;
import io.postern.store.StoreSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Puts back into the object store what is missing there and still lies in {@code sealed}: mail that
 * nobody has deleted, and what belongs to the mailboxes themselves. May run beside everything else,
 * and again: what is there, what waits for a worker and what its owner has deleted is left alone.
 */
final class Restoration {
  /** Whether anything is written. */
  enum Mode {
    DRY_RUN,
    WRITE
  }

  /** What came of it. */
  static final class Result {
    private long messages;
    private long octets;
    private long refused;
    private long takenBack;
    private long mailboxes;

    long messages() {
      return messages;
    }

    long octets() {
      return octets;
    }

    /** Copies that the store does not take. */
    long refused() {
      return refused;
    }

    /** Copies whose owners deleted them while they were being put back; they are gone again. */
    long takenBack() {
      return takenBack;
    }

    /** Mailboxes whose record or identities were written again. */
    long mailboxes() {
      return mailboxes;
    }
  }

  private final Parts parts;
  private final Ledger ledger;
  private final Progress progress;
  private final InstantSource clock;
  private final Consumer<Finding> told;
  private final Result result = new Result();

  /**
   * A restoration.
   *
   * @param told hears of everything that is put back, or cannot be
   */
  Restoration(
      Parts parts, Ledger ledger, Progress progress, InstantSource clock, Consumer<Finding> told) {
    this.parts = parts;
    this.ledger = ledger;
    this.progress = progress;
    this.clock = clock;
    this.told = told;
  }

  /**
   * Does it.
   *
   * @param mailbox whose mail alone; empty: everybody's
   */
  Result run(Window window, Optional<Mailbox> mailbox, Mode mode)
      throws StoreException, MailboxException {
    mendMailboxes(mailbox, mode);
    Instant begun = clock.instant().minus(Survey.CLOCK_SLACK);
    // Before the survey: what a worker finishes meanwhile is still the worker's.
    WorkerMarks marks = WorkerMarks.read(parts.kafka(), parts.topics());
    CopyTable table = Survey.of(parts, window, mailbox, progress);
    try (LedgerCheck deleted = LedgerCheck.ofDeletions(parts.kafka(), parts.topics(), begun)) {
      replay(window, new Selection(window, mailbox, table, marks, mode), deleted, mode);
    }
    if (mode == Mode.WRITE) {
      takeBack(begun, table);
    }
    return result;
  }

  private void mendMailboxes(Optional<Mailbox> only, Mode mode) throws MailboxException {
    List<Mailbox> all = only.map(List::of).orElseGet(() -> parts.directory().all());
    for (Mailbox mailbox : all) {
      if (parts.mailboxes().isDamaged(mailbox)) {
        if (mode == Mode.WRITE) {
          parts.mailboxes().mend(mailbox);
        }
        result.mailboxes++;
        told.accept(
            new Finding(
                "mailbox",
                false,
                null,
                mailbox.id(),
                mailbox.address(),
                null,
                "its record and identity",
                null));
      }
    }
  }

  private void replay(Window window, Selection selection, LedgerCheck deleted, Mode mode) {
    Instant first =
        window.since().isAfter(Instant.EPOCH.plus(Survey.CLOCK_SLACK))
            ? window.since().minus(Survey.CLOCK_SLACK)
            : Instant.EPOCH;
    SealedReplay replay =
        new SealedReplay(StoreSettings.DEFAULT, parts.store(), ledger, deleted, clock);
    long total;
    try (TopicReader reader = reader(first)) {
      total = reader.behind();
    }
    try (Progress.Stretch stretch = progress.begin("replay", total)) {
      replay.run(() -> reader(first), selection, mode == Mode.DRY_RUN, stretch::step);
    }
  }

  private TopicReader reader(Instant since) {
    return TopicReader.since(parts.kafka(), parts.topics().sealed(), since);
  }

  /**
   * Whoever had a session open since before the loss may have deleted a message between the last
   * look at the ledger and the writing.
   */
  private void takeBack(Instant begun, CopyTable table) throws StoreException {
    List<String> prefixes = new ArrayList<>();
    try (LedgerView view = new LedgerView(parts.kafka(), parts.topics(), begun)) {
      view.catchUp(
          fact -> {
            boolean ours =
                fact.kind() == Fact.Kind.DELETED
                    && Ulids.isUlid(fact.messageId())
                    && fact.mailboxId() != null
                    && table.has(fact.messageId(), fact.mailboxId(), Sign.PUT_BACK);
            if (ours) {
              prefixes.add(Layout.mail(fact.mailboxId()) + fact.messageId());
            }
          });
    }
    for (String prefix : prefixes) {
      List<String> keys =
          parts.store().list(prefix, "", 10).stream().map(ObjectStore.Entry::key).toList();
      parts.store().delete(keys);
      result.takenBack += keys.isEmpty() ? 0 : 1;
    }
  }

  /** Chooses what is missing. */
  private final class Selection implements SealedReplay.Chooser {
    private final Window window;
    private final Optional<Mailbox> only;
    private final CopyTable table;
    private final WorkerMarks marks;
    private final Mode mode;
    private final Map<String, Mailbox> mailboxes = new HashMap<>();

    Selection(
        Window window, Optional<Mailbox> only, CopyTable table, WorkerMarks marks, Mode mode) {
      this.window = window;
      this.only = only;
      this.table = table;
      this.marks = marks;
      this.mode = mode;
      parts.directory().all().forEach(mailbox -> mailboxes.put(mailbox.id(), mailbox));
    }

    @Override
    public Choice choose(String messageId, String mailboxId, int partition, long firstOffset) {
      boolean wanted =
          Ulids.isUlid(messageId)
              && window.holds(messageId)
              && mailboxes.containsKey(mailboxId)
              && only.map(mailbox -> mailbox.id().equals(mailboxId)).orElse(true);
      if (!wanted || has(messageId, mailboxId, Sign.DELETED, Sign.PUT_BACK)) {
        return Choice.LEAVE;
      }
      if (has(messageId, mailboxId, Sign.OBJECT)) {
        return has(messageId, mailboxId, Sign.WRONG_SIZE, Sign.IMPOSSIBLE_SIZE)
            ? Choice.REPLACE
            : Choice.LEAVE;
      }
      boolean wasStored = has(messageId, mailboxId, Sign.STORED);
      boolean workersTurn = marks.sealedUnderWay(partition, firstOffset);
      boolean dead = has(messageId, mailboxId, Sign.DEAD) || table.has(messageId, null, Sign.DEAD);
      return wasStored || !workersTurn && !dead ? Choice.PUT_BACK : Choice.LEAVE;
    }

    private boolean has(String messageId, String mailboxId, Sign... signs) {
      for (Sign sign : signs) {
        if (table.has(messageId, mailboxId, sign)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void done(String messageId, String mailboxId, long octets) {
      if (has(messageId, mailboxId, Sign.PUT_BACK)) {
        return;
      }
      table.mark(messageId, mailboxId, Sign.PUT_BACK);
      result.messages++;
      result.octets += octets;
      String text = (mode == Mode.WRITE ? "" : "would be ") + "put back, " + octets + " octets";
      tell("message", false, messageId, mailboxId, text);
    }

    @Override
    public void refused(String messageId, String mailboxId, String why) {
      result.refused++;
      tell("refused", true, messageId, mailboxId, why);
    }

    private void tell(String what, boolean amiss, String messageId, String mailboxId, String text) {
      String address = mailboxes.get(mailboxId).address();
      told.accept(new Finding(what, amiss, messageId, mailboxId, address, null, text, null));
    }
  }
}
