package io.postern.mailbox;

import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.maildrop.Layout;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.Ulids;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Rebuilds topic {@code postern.mailboxes} from what the object store has of the mailboxes: their
 * public records and sealed identities. What the topic knows already is left as it is. All
 * mailboxes become known at once, in one transaction: nobody is told that a mailbox does not exist
 * because its turn has not come. Blocking; holds the record of each mailbox that is missing.
 */
public final class DirectoryRecovery {
  private static final int MAX_RECORD_BYTES = 64 * 1024;
  private static final int MAX_IDENTITY_BYTES = 16 * 1024;

  /** What became of a mailbox in the store. */
  public enum Outcome {
    /** It is known again. */
    RECOVERED,
    /** The topic had it. */
    KNOWN,
    /** Another mailbox has its address. */
    ADDRESS_TAKEN,
    /** There is not enough of it: its record or its identity is missing or does not read. */
    INCOMPLETE
  }

  /**
   * A mailbox in the store.
   *
   * @param address null where its record does not read
   * @param text one line on what is wrong, or empty
   */
  public record Entry(String id, String address, Outcome outcome, String text) {}

  private final ObjectStore store;
  private final KafkaDirectory directory;
  private final Mailboxes mailboxes;

  /**
   * A recovery.
   *
   * @param directory caught up
   */
  public DirectoryRecovery(ObjectStore store, KafkaDirectory directory, Mailboxes mailboxes) {
    this.store = store;
    this.directory = directory;
    this.mailboxes = mailboxes;
  }

  /**
   * Recovers.
   *
   * @param dryRun whether only to say what would be done
   * @param told hears of every mailbox in the store
   */
  public void run(boolean dryRun, Consumer<Entry> told) throws MailboxException {
    try {
      List<MailboxRecord> missing = missing(told);
      Set<String> adopted = dryRun || missing.isEmpty() ? null : mailboxes.adopt(missing);
      for (MailboxRecord record : missing) {
        boolean done = adopted == null || adopted.contains(record.mailbox().id());
        told.accept(
            entry(
                record.mailbox(),
                done ? Outcome.RECOVERED : Outcome.ADDRESS_TAKEN,
                done ? "" : "somebody was quicker"));
      }
    } catch (StoreException e) {
      throw new MailboxException(
          MailboxException.Category.UNAVAILABLE,
          "the store did not do its part: " + e.getMessage(),
          e);
    }
  }

  /** One record for each address that nobody has; tells of all others. */
  private List<MailboxRecord> missing(Consumer<Entry> told) throws StoreException {
    Map<String, List<MailboxRecord>> byAddress = new LinkedHashMap<>();
    for (String id : ids(store)) {
      Optional<Mailbox> known = directory.byId(id);
      if (known.isPresent()) {
        told.accept(entry(known.get(), Outcome.KNOWN, ""));
        continue;
      }
      Optional<MailboxRecord> record = read(id, told);
      if (record.isEmpty()) {
        continue;
      }
      Mailbox mailbox = record.get().mailbox();
      Optional<Mailbox> owner = directory.byAddress(mailbox.address());
      if (owner.isPresent()) {
        told.accept(entry(mailbox, Outcome.ADDRESS_TAKEN, "by " + owner.get().id()));
      } else {
        byAddress.computeIfAbsent(mailbox.address(), a -> new ArrayList<>()).add(record.get());
      }
    }
    List<MailboxRecord> missing = new ArrayList<>();
    for (List<MailboxRecord> rivals : byAddress.values()) {
      MailboxRecord chosen = choose(rivals);
      missing.add(chosen);
      for (MailboxRecord rival : rivals) {
        if (rival != chosen) {
          told.accept(entry(rival.mailbox(), Outcome.ADDRESS_TAKEN, "by " + chosen.mailbox().id()));
        }
      }
    }
    return missing;
  }

  /**
   * Two of one address: a creation that broke off left objects, and was done again. So what has
   * mail is right, and else the younger.
   */
  private MailboxRecord choose(List<MailboxRecord> rivals) throws StoreException {
    MailboxRecord chosen = null;
    boolean chosenHasMail = false;
    for (MailboxRecord rival :
        rivals.stream()
            .sorted(Comparator.comparing((MailboxRecord r) -> r.mailbox().id()).reversed())
            .toList()) {
      boolean hasMail =
          rivals.size() > 1 && !store.list(Layout.mail(rival.mailbox().id()), "", 1).isEmpty();
      if (chosen == null || hasMail && !chosenHasMail) {
        chosen = rival;
        chosenHasMail = hasMail;
      }
    }
    return chosen;
  }

  /**
   * Whether the store has a mailbox, complete with what was written last of it.
   *
   * @throws StoreException where the store did not do its part
   */
  static boolean hasMailbox(ObjectStore store) throws StoreException {
    for (String id : ids(store)) {
      if (store.stat(Layout.record(id)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The ids of the mailboxes in the store, also of those that are not complete. */
  private static List<String> ids(ObjectStore store) throws StoreException {
    return store.folders(Layout.MAILBOXES).stream().filter(Ulids::isUlid).toList();
  }

  private Optional<MailboxRecord> read(String id, Consumer<Entry> told) throws StoreException {
    Optional<byte[]> json = get(Layout.record(id), MAX_RECORD_BYTES);
    if (json.isEmpty()) {
      told.accept(new Entry(id, null, Outcome.INCOMPLETE, "mailbox.json is missing"));
      return Optional.empty();
    }
    Mailbox mailbox;
    try {
      mailbox = MailboxCodec.decodePublicPart(json.get());
    } catch (IOException e) {
      told.accept(new Entry(id, null, Outcome.INCOMPLETE, "mailbox.json does not read"));
      return Optional.empty();
    }
    Optional<byte[]> identity = get(Layout.identity(id), MAX_IDENTITY_BYTES);
    Optional<String> flaw =
        identity.isEmpty() ? Optional.of("identity.age is missing") : flaw(mailbox, id);
    if (flaw.isPresent()) {
      told.accept(entry(mailbox, Outcome.INCOMPLETE, flaw.get()));
      return Optional.empty();
    }
    return Optional.of(
        new MailboxRecord(
            mailbox, identity.get(), get(Layout.recoveryIdentity(id), MAX_IDENTITY_BYTES)));
  }

  private static Optional<String> flaw(Mailbox mailbox, String id) {
    boolean normal =
        Address.parse(mailbox.address())
            .filter(address -> address.toString().equals(mailbox.address()))
            .isPresent();
    if (!mailbox.id().equals(id) || !normal) {
      return Optional.of("mailbox.json is another mailbox's");
    }
    try {
      Keys.recipient(mailbox.recipient());
      return Optional.empty();
    } catch (AgeException e) {
      return Optional.of("its recipient: " + e.getMessage());
    }
  }

  private Optional<byte[]> get(String key, int maxBytes) throws StoreException {
    try (InputStream in = store.get(key, 0)) {
      byte[] octets = in.readNBytes(maxBytes + 1);
      return octets.length <= maxBytes ? Optional.of(octets) : Optional.empty();
    } catch (StoreException e) {
      if (e.category() == StoreException.Category.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException e) {
      throw new StoreException(StoreException.Category.TEMPORARY, key, e);
    }
  }

  private static Entry entry(Mailbox mailbox, Outcome outcome, String text) {
    return new Entry(mailbox.id(), mailbox.address(), outcome, text);
  }
}
