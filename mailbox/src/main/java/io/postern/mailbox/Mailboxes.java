package io.postern.mailbox;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Passphrase;
import io.postern.age.Recipient;
import io.postern.mailbox.MailboxException.Category;
import io.postern.mailbox.MailboxTopic.OvertakenException;
import io.postern.maildrop.Layout;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.Topics;
import io.postern.pipeline.Ulids;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Makes and changes mailboxes. Blocking; every method returns once the change is acknowledged and
 * this process's {@link KafkaDirectory} shows it.
 *
 * <p>What is kept of a mailbox lies in two places: objects for recovery without us, and the record
 * in the compacted topic, which alone decides what Postern does. A change is written to the objects
 * first and to the topic last. So a crash in between leaves the mailbox as it was for all of
 * Postern, and doing the same again sets it right; a mailbox is never known before its identity is
 * safe. Only deletion starts with the topic as well: the mailbox is suspended first, so that
 * nothing new comes while its objects go.
 */
public final class Mailboxes {
  private static final long VIEW_TIMEOUT_SECONDS = 30;

  /** What making the first mailbox takes at most once its objects are written. */
  private static final long FIRST_SECONDS = 5;

  private static final int DELETE_BATCH = 1000;
  private static final int ATTEMPTS = 10;

  private final KafkaDirectory directory;
  private final MailboxTopic topic;
  private final ObjectStore store;
  private final Optional<Recipient> recovery;
  private final int logN;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Ulids ids;

  /**
   * @param clientProperties how to reach Kafka
   * @param directory of the same topic; not closed with this
   * @param store not closed with this
   * @param recovery who gets a copy of every new mailbox's identity
   * @param logN work factor for new passwords: see {@link WorkFactor}
   */
  public Mailboxes(
      Map<String, Object> clientProperties,
      Topics topics,
      KafkaDirectory directory,
      ObjectStore store,
      Optional<Recipient> recovery,
      int logN,
      InstantSource clock,
      SecureRandom random) {
    this.directory = directory;
    this.topic = new MailboxTopic(clientProperties, topics);
    this.store = store;
    this.recovery = recovery;
    this.logN = logN;
    this.clock = clock;
    this.random = random;
    this.ids = new Ulids(clock, random);
  }

  /**
   * Makes a mailbox.
   *
   * @param password the caller wipes it
   * @param classic X25519 instead of the hybrid post-quantum keys, for older age tools
   * @throws MailboxException LOST where the store has mailboxes and Kafka knows none: with a new
   *     one it would look as if there had never been others
   */
  public Mailbox create(String address, byte[] password, boolean classic) throws MailboxException {
    Address normalised =
        Address.parse(address)
            .orElseThrow(
                () ->
                    new MailboxException(
                        Category.INVALID_ADDRESS, address + " is not an address for a mailbox"));
    Passwords.require(password);
    requireNothingLost();
    MailboxRecord record = newRecord(normalised, password, classic);
    change(change -> create(record, change));
    return record.mailbox();
  }

  /** Another process may be about to make the first mailbox: its objects come before its record. */
  private void requireNothingLost() throws MailboxException {
    await(directory.whenReady());
    try {
      if (directory.isEmpty() && DirectoryRecovery.hasMailbox(store) && staysEmpty()) {
        throw new MailboxException(
            Category.LOST,
            "the store has mailboxes and Kafka knows none of them:"
                + " run postern recover directory first");
      }
    } catch (StoreException e) {
      throw unavailable(e);
    }
  }

  private boolean staysEmpty() throws MailboxException {
    try {
      directory.whenNotEmpty().toCompletableFuture().get(FIRST_SECONDS, TimeUnit.SECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MailboxException(Category.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException e) {
      throw new MailboxException(Category.UNAVAILABLE, e.getCause().getMessage(), e);
    }
  }

  /** May be run again when a first run got as far as the store, or all the way unnoticed. */
  private void create(MailboxRecord record, MailboxTopic.Change change)
      throws MailboxException, OvertakenException {
    Mailbox mailbox = record.mailbox();
    Optional<Mailbox> owner = directory.byAddress(mailbox.address());
    if (owner.isEmpty()) {
      write(record, change);
    } else if (!owner.get().id().equals(mailbox.id())) {
      deleteObjects(mailbox);
      throw new MailboxException(
          Category.ADDRESS_TAKEN, mailbox.address() + " has a mailbox already");
    }
  }

  private MailboxRecord newRecord(Address address, byte[] password, boolean classic) {
    Keys.KeyPair keys = Keys.generate(classic, random);
    try {
      Mailbox mailbox =
          new Mailbox(
              ids.next(),
              address.toString(),
              keys.recipient(),
              Mailbox.State.ACTIVE,
              clock.instant().truncatedTo(ChronoUnit.MILLIS));
      return new MailboxRecord(
          mailbox,
          SealedIdentity.seal(keys.identityFile(), password, logN, random),
          recovery.map(recipient -> SealedIdentity.seal(keys.identityFile(), recipient, random)));
    } finally {
      SealedIdentity.wipe(keys.identityFile());
    }
  }

  /** Refuses new mail for the time being. */
  public Mailbox suspend(String address) throws MailboxException {
    return setState(address, Mailbox.State.SUSPENDED);
  }

  public Mailbox resume(String address) throws MailboxException {
    return setState(address, Mailbox.State.ACTIVE);
  }

  private Mailbox setState(String address, Mailbox.State state) throws MailboxException {
    change(change -> write(require(address).withState(state), change));
    return require(address).mailbox();
  }

  /** Changes the password. No mail is touched: the identity stays the same. */
  public void changePassword(String address, byte[] oldPassword, byte[] newPassword)
      throws MailboxException {
    rewrap(
        address,
        MailboxRecord::identity,
        // Whatever the work factor was: the record is our own.
        List.of(Passphrase.identity(oldPassword, Passphrase.DEFAULT_MAX_LOG_N)),
        newPassword);
  }

  /**
   * Sets a password with the recovery recipient's identity instead of the old password.
   *
   * @param recoveryIdentities wiped when done
   */
  public void recover(String address, List<Identity> recoveryIdentities, byte[] newPassword)
      throws MailboxException {
    if (require(address).recoveryIdentity().isEmpty()) {
      throw new MailboxException(
          Category.NO_RECOVERY, address + " was made without a recovery recipient");
    }
    rewrap(
        address,
        record -> record.recoveryIdentity().orElseThrow(),
        recoveryIdentities,
        newPassword);
  }

  private void rewrap(
      String address,
      Function<MailboxRecord, byte[]> sealed,
      List<Identity> keys,
      byte[] newPassword)
      throws MailboxException {
    Passwords.require(newPassword);
    byte[] identityFile = open(sealed.apply(require(address)), keys);
    try {
      byte[] rewrapped = SealedIdentity.seal(identityFile, newPassword, logN, random);
      change(change -> write(require(address).withIdentity(rewrapped), change));
    } finally {
      SealedIdentity.wipe(identityFile);
    }
  }

  private static byte[] open(byte[] sealed, List<Identity> keys) throws MailboxException {
    try {
      return SealedIdentity.open(sealed, keys)
          .orElseThrow(
              () -> new MailboxException(Category.WRONG_PASSWORD, "wrong password or identity"));
    } catch (AgeException e) {
      throw new MailboxException(Category.DAMAGED, "its identity: " + e.getMessage(), e);
    }
  }

  /**
   * Deletes a mailbox with its identity, which is what could open its mail.
   *
   * @param withMail whether mail that is in it is deleted too; else NOT_EMPTY where there is some
   */
  public void delete(String address, boolean withMail) throws MailboxException {
    Mailbox mailbox = require(address).mailbox();
    if (!withMail && !list(Layout.mail(mailbox.id()), 1).isEmpty()) {
      throw new MailboxException(Category.NOT_EMPTY, address + " has mail");
    }
    suspend(address);
    deleteMail(mailbox);
    deleteObjects(mailbox);
    change(change -> change.remove(mailbox.id()));
  }

  /**
   * Looks whether the store has of a mailbox what it should have: its record and its identities.
   *
   * @return whether something is missing or differs
   */
  public boolean isDamaged(Mailbox mailbox) throws MailboxException {
    Optional<MailboxRecord> record = directory.record(mailbox.id());
    if (record.isEmpty()) {
      return false;
    }
    String id = mailbox.id();
    return !holds(Layout.identity(id), record.get().identity())
        || !holds(Layout.record(id), MailboxCodec.publicPart(record.get().mailbox()))
        || record.get().recoveryIdentity().isPresent()
            && !holds(Layout.recoveryIdentity(id), record.get().recoveryIdentity().get());
  }

  /** Writes to the store once more what it should have of a mailbox itself. */
  public void mend(Mailbox mailbox) throws MailboxException {
    change(change -> write(require(mailbox.address()), change));
  }

  private boolean holds(String key, byte[] octets) throws MailboxException {
    try (InputStream in = store.get(key, 0)) {
      return Arrays.equals(in.readNBytes(octets.length + 1), octets);
    } catch (StoreException e) {
      if (e.category() == StoreException.Category.NOT_FOUND) {
        return false;
      }
      throw unavailable(e);
    } catch (IOException e) {
      throw new MailboxException(
          Category.UNAVAILABLE, "the store did not do its part: " + e.getMessage(), e);
    }
  }

  private void deleteMail(Mailbox mailbox) throws MailboxException {
    List<String> keys = list(Layout.mail(mailbox.id()), DELETE_BATCH);
    while (!keys.isEmpty()) {
      delete(keys);
      keys = list(Layout.mail(mailbox.id()), DELETE_BATCH);
    }
  }

  private void deleteObjects(Mailbox mailbox) throws MailboxException {
    String id = mailbox.id();
    delete(List.of(Layout.identity(id), Layout.recoveryIdentity(id), Layout.record(id)));
  }

  private MailboxRecord require(String address) throws MailboxException {
    await(directory.whenReady());
    return directory
        .byLogin(address)
        .flatMap(mailbox -> directory.record(mailbox.id()))
        .orElseThrow(() -> new MailboxException(Category.NO_SUCH_MAILBOX, "no mailbox " + address));
  }

  /**
   * Makes mailboxes known, all at once, whose objects are in the store, unless they or their
   * addresses are known already.
   *
   * @return the ids of those that were made known
   */
  Set<String> adopt(List<MailboxRecord> records) throws MailboxException {
    Set<String> adopted = new HashSet<>();
    change(
        change -> {
          adopted.clear();
          for (MailboxRecord record : records) {
            Mailbox mailbox = record.mailbox();
            if (directory.byId(mailbox.id()).isEmpty()
                && directory.byAddress(mailbox.address()).isEmpty()) {
              change.put(record);
              adopted.add(mailbox.id());
            }
          }
        });
    return adopted;
  }

  private interface Step {
    void run(MailboxTopic.Change change) throws MailboxException, OvertakenException;
  }

  /**
   * Runs a step on the newest state of all mailboxes and commits what it wrote; where another
   * process interferes, again.
   */
  private synchronized void change(Step step) throws MailboxException {
    for (int attempt = 1; ; attempt++) {
      try (MailboxTopic.Change change = topic.begin()) {
        await(directory.whenApplied(change.end() - 1));
        step.run(change);
        await(directory.whenApplied(change.commit()));
        return;
      } catch (OvertakenException e) {
        if (attempt == ATTEMPTS) {
          throw new MailboxException(
              Category.UNAVAILABLE,
              "the change was not made in "
                  + ATTEMPTS
                  + " attempts, others may be changing mailboxes all the time: "
                  + e.getCause().getMessage(),
              e);
        }
      }
    }
  }

  /** To the store first: see above. */
  private void write(MailboxRecord record, MailboxTopic.Change change)
      throws MailboxException, OvertakenException {
    String id = record.mailbox().id();
    try {
      store.put(Layout.identity(id), record.identity());
      if (record.recoveryIdentity().isPresent()) {
        store.put(Layout.recoveryIdentity(id), record.recoveryIdentity().get());
      }
      store.put(Layout.record(id), MailboxCodec.publicPart(record.mailbox()));
    } catch (StoreException e) {
      throw unavailable(e);
    }
    change.put(record);
  }

  private List<String> list(String prefix, int limit) throws MailboxException {
    try {
      return store.list(prefix, "", limit).stream().map(ObjectStore.Entry::key).toList();
    } catch (StoreException e) {
      throw unavailable(e);
    }
  }

  private void delete(List<String> keys) throws MailboxException {
    try {
      store.delete(keys);
    } catch (StoreException e) {
      throw unavailable(e);
    }
  }

  private static MailboxException unavailable(StoreException e) {
    return new MailboxException(
        Category.UNAVAILABLE, "the store did not do its part: " + e.getMessage(), e);
  }

  private static void await(CompletionStage<Void> view) throws MailboxException {
    try {
      view.toCompletableFuture().get(VIEW_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MailboxException(Category.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new MailboxException(
          Category.UNAVAILABLE, "the list of mailboxes cannot be read from Kafka", e);
    }
  }
}
