package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Recipient;
import io.postern.mailbox.MailboxException.Category;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore.Entry;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.pipeline.Ulids;
import io.postern.testkit.KafkaForTests;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class MailboxesTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private static final String ADDRESS = "jane@example.org";
  private static final int LOG_N = 10;

  @TempDir Path directory;
  private final SecureRandom random = new SecureRandom();
  private final Keys.KeyPair recovery = Keys.generate(false, random);
  private Topics topics;
  private DirectoryStore store;
  private KafkaDirectory view;
  private Mailboxes mailboxes;

  @BeforeEach
  void open() throws Exception {
    topics = new Topics(kafka.freshPrefix(), 1, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      assertThat(new TopicCheck(admin).ensure(topics)).isEmpty();
    }
    store = new DirectoryStore(directory);
    view = new KafkaDirectory(kafka.clientProperties(), topics);
    mailboxes = mailboxes(view, Optional.of(Keys.recipient(recovery.recipient())));
  }

  private Mailboxes mailboxes(KafkaDirectory view, Optional<Recipient> recovery) {
    return new Mailboxes(
        kafka.clientProperties(), topics, view, store, recovery, LOG_N, Clock.systemUTC(), random);
  }

  @AfterEach
  void close() {
    view.close();
    store.close();
  }

  private static byte[] password(String text) {
    return text.getBytes(UTF_8);
  }

  private byte[] object(String key) throws Exception {
    try (InputStream in = store.get(key, 0)) {
      return in.readAllBytes();
    }
  }

  private boolean opens(Mailbox mailbox, String password) throws Exception {
    byte[] identity = view.identity(mailbox.id()).orElseThrow();
    assertThat(object(Layout.identity(mailbox.id()))).isEqualTo(identity);
    return SealedIdentity.unlock(identity, password(password), LOG_N).isPresent();
  }

  private static Category failure(ThrowingCallable call) {
    return catchThrowableOfType(MailboxException.class, call).category();
  }

  @Test
  void aNewMailboxIsKnownAtOnce() throws Exception {
    Mailbox made = mailboxes.create("Jane@Example.org", password("secret"), false);

    assertThat(made.address()).isEqualTo(ADDRESS);
    assertThat(made.recipient()).startsWith("age1pq1");
    assertThat(made.state()).isEqualTo(Mailbox.State.ACTIVE);
    assertThat(view.byAddress("JANE@example.org")).contains(made);
    assertThat(view.byId(made.id())).contains(made);
    assertThat(view.all()).containsExactly(made);
    assertThat(opens(made, "secret")).isTrue();
    assertThat(opens(made, "Secret")).isFalse();
    assertThat(new String(object(Layout.record(made.id())), UTF_8)).contains(ADDRESS);
  }

  @Test
  void anotherProcessSeesWhatIsThere() throws Exception {
    Mailbox first = mailboxes.create(ADDRESS, password("secret"), true);
    mailboxes.create("b@example.org", password("secret"), true);
    mailboxes.delete("b@example.org", false);
    mailboxes.suspend(ADDRESS);

    try (KafkaDirectory other = new KafkaDirectory(kafka.clientProperties(), topics)) {
      other.whenReady().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertThat(other.ready()).isTrue();
      assertThat(other.all())
          .containsExactly(
              new Mailbox(
                  first.id(),
                  ADDRESS,
                  first.recipient(),
                  Mailbox.State.SUSPENDED,
                  first.created()));
      mailboxes.resume(ADDRESS);
      Awaitility.await().until(() -> other.byAddress(ADDRESS).equals(Optional.of(first)));
    }
  }

  @Test
  void addressesAreGivenOnce() throws Exception {
    Mailbox first = mailboxes.create(ADDRESS, password("secret"), true);

    assertThat(failure(() -> mailboxes.create("jane@EXAMPLE.org", password("x"), true)))
        .isEqualTo(Category.ADDRESS_TAKEN);
    assertThat(view.all()).containsExactly(first);
  }

  @Test
  void whereManyCreateOneAddressAtOnceOneSucceeds() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Boolean> creation =
          () -> {
            try (KafkaDirectory own = new KafkaDirectory(kafka.clientProperties(), topics)) {
              mailboxes(own, Optional.empty()).create(ADDRESS, password("secret"), true);
              return true;
            } catch (MailboxException e) {
              assertThat(e.category()).as("%s", e).isEqualTo(Category.ADDRESS_TAKEN);
              return false;
            }
          };
      List<Boolean> succeeded = new ArrayList<>();
      for (Future<Boolean> done :
          threads.invokeAll(List.of(creation, creation, creation, creation))) {
        succeeded.add(done.get());
      }
      assertThat(succeeded).containsOnlyOnce(true);
    } finally {
      threads.shutdownNow();
    }
    Awaitility.await().until(() -> view.all().size() == 1);
    assertThat(store.list(Layout.MAILBOXES, "", 10)).hasSize(2);
  }

  @Test
  void aPasswordIsChangedWithTheOldOne() throws Exception {
    Mailbox mailbox = mailboxes.create(ADDRESS, password("old"), false);
    mailboxes.changePassword(ADDRESS, password("old"), password("new"));

    assertThat(opens(mailbox, "new")).isTrue();
    assertThat(opens(mailbox, "old")).isFalse();
    assertThat(view.byAddress(ADDRESS)).contains(mailbox);
    assertThat(failure(() -> mailboxes.changePassword(ADDRESS, password("old"), password("x"))))
        .isEqualTo(Category.WRONG_PASSWORD);
    assertThat(failure(() -> mailboxes.changePassword(ADDRESS, password("new"), password("\n"))))
        .isEqualTo(Category.INVALID_PASSWORD);
    assertThat(opens(mailbox, "new")).isTrue();
  }

  @Test
  void theRecoveryIdentityStandsInForALostPassword() throws Exception {
    Mailbox mailbox = mailboxes.create(ADDRESS, password("lost"), false);
    List<Identity> identities = Keys.identities(recovery.identityFile());
    mailboxes.recover(ADDRESS, identities, password("new"));
    assertThat(opens(mailbox, "new")).isTrue();
    assertThat(store.stat(Layout.recoveryIdentity(mailbox.id()))).isPresent();

    List<Identity> others = Keys.identities(Keys.generate(false, random).identityFile());
    assertThat(failure(() -> mailboxes.recover(ADDRESS, others, password("x"))))
        .isEqualTo(Category.WRONG_PASSWORD);
  }

  @Test
  void withoutARecoveryRecipientThereIsNoRecovery() throws Exception {
    Mailboxes plain = mailboxes(view, Optional.empty());
    Mailbox mailbox = plain.create(ADDRESS, password("lost"), true);

    assertThat(store.stat(Layout.recoveryIdentity(mailbox.id()))).isEmpty();
    assertThat(failure(() -> plain.recover(ADDRESS, List.of(), password("new"))))
        .isEqualTo(Category.NO_RECOVERY);
  }

  @Test
  void deletionTakesAllButOtherMailboxes() throws Exception {
    Mailbox mailbox = mailboxes.create(ADDRESS, password("secret"), true);
    Mailbox other = mailboxes.create("b@example.org", password("secret"), true);
    String mail = new MailKey(mailbox.id(), "01jdzq6000000000000000000a", 100).key();
    store.put(mail, new byte[200]);

    assertThat(failure(() -> mailboxes.delete(ADDRESS, false))).isEqualTo(Category.NOT_EMPTY);
    assertThat(view.byAddress(ADDRESS)).contains(mailbox);
    mailboxes.delete(ADDRESS, true);

    assertThat(view.all()).containsExactly(other);
    assertThat(view.byLogin("jane")).isEmpty();
    assertThat(store.list(Layout.mailbox(mailbox.id()), "", 10)).isEmpty();
    assertThat(store.list(Layout.mailbox(other.id()), "", 10))
        .extracting(Entry::key)
        .contains(Layout.identity(other.id()));
    assertThat(failure(() -> mailboxes.delete(ADDRESS, true))).isEqualTo(Category.NO_SUCH_MAILBOX);
    assertThat(mailboxes.create(ADDRESS, password("secret"), true).id()).isNotEqualTo(mailbox.id());
  }

  @Test
  void aLoginIsAnAddressOrAUniqueLocalPart() throws Exception {
    Mailbox jane = mailboxes.create(ADDRESS, password("secret"), true);
    assertThat(view.byLogin("Jane")).contains(jane);
    assertThat(view.byLogin(ADDRESS)).contains(jane);
    assertThat(view.byLogin("jane@")).isEmpty();
    assertThat(view.byLogin("")).isEmpty();

    Mailbox second = mailboxes.create("jane@example.com", password("secret"), true);
    assertThat(view.byLogin("jane")).isEmpty();
    assertThat(view.byLogin("jane@example.com")).contains(second);
    mailboxes.delete("jane@example.com", false);
    assertThat(view.byLogin("jane")).contains(jane);
  }

  @Test
  void whereTheStoreFailsNothingChangesAndTheNextTrySucceeds() throws Exception {
    Mailbox mailbox = mailboxes.create(ADDRESS, password("old"), true);
    Path incoming = directory.resolve(".incoming");
    Path away = directory.resolve(".away");
    Files.move(incoming, away);
    assertThat(failure(() -> mailboxes.changePassword(ADDRESS, password("old"), password("new"))))
        .isEqualTo(Category.UNAVAILABLE);
    assertThat(failure(() -> mailboxes.suspend(ADDRESS))).isEqualTo(Category.UNAVAILABLE);
    assertThat(failure(() -> mailboxes.create("b@example.org", password("x"), true)))
        .isEqualTo(Category.UNAVAILABLE);
    assertThat(view.all()).containsExactly(mailbox);
    assertThat(opens(mailbox, "old")).isTrue();

    Files.move(away, incoming);
    mailboxes.changePassword(ADDRESS, password("old"), password("new"));
    assertThat(opens(mailbox, "new")).isTrue();
  }

  @Test
  void whereKafkaWasLostNoMailboxIsMadeBeforeTheOthersAreKnownAgain() throws Exception {
    Mailbox jane = mailboxes.create(ADDRESS, password("secret"), true);
    loseKafka();

    MailboxException refusal =
        catchThrowableOfType(
            MailboxException.class,
            () -> mailboxes.create("b@example.org", password("secret"), true));

    assertThat(refusal.category()).isEqualTo(Category.LOST);
    assertThat(refusal).hasMessageContaining("postern recover directory");
    assertThat(view.all()).isEmpty();
    recover();
    assertThat(view.all()).containsExactly(jane);
    mailboxes.create("b@example.org", password("secret"), true);
  }

  /** What a creation left that broke off is no mailbox that anybody could miss. */
  @Test
  void anIdentityAloneDoesNotHinderTheFirstMailbox() throws Exception {
    store.put(Layout.identity("01jd0000000000000000000000"), new byte[1]);

    assertThat(view.byAddress(mailboxes.create(ADDRESS, password("secret"), true).address()))
        .isPresent();
  }

  /**
   * Whoever finds the view not empty finds all that were recovered, however many polls it takes.
   */
  @Test
  void aRecoveryIsSeenWholeOrNotAtAll() throws Exception {
    Mailbox jane = mailboxes.create(ADDRESS, password("secret"), true);
    MailboxRecord record = view.record(jane.id()).orElseThrow();
    Ulids ids = new Ulids(Clock.systemUTC(), random);
    int many = 1200;
    List<CompletableFuture<Void>> stored = new ArrayList<>();
    for (int n = 1; n < many; n++) {
      String address = "u%d@example.org".formatted(n);
      Mailbox other =
          new Mailbox(ids.next(), address, jane.recipient(), jane.state(), jane.created());
      stored.add(store.putSoon(Layout.identity(other.id()), record.identity(), Runnable::run));
      byte[] publicPart = MailboxCodec.publicPart(other);
      stored.add(store.putSoon(Layout.record(other.id()), publicPart, Runnable::run));
    }
    CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new)).get();
    loseKafka();

    ExecutorService watcher = Executors.newSingleThreadExecutor();
    try (KafkaDirectory ingest = new KafkaDirectory(kafka.clientProperties(), topics)) {
      ingest.whenReady().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertThat(ingest.isConclusive()).isFalse();
      Future<Integer> firstSeen =
          watcher.submit(
              () -> {
                while (!ingest.isConclusive()) {
                  Thread.onSpinWait();
                }
                return ingest.all().size();
              });
      recover();
      assertThat(firstSeen.get(30, TimeUnit.SECONDS)).isEqualTo(many);
    } finally {
      watcher.shutdownNow();
    }
    assertThat(view.all()).hasSize(many);
  }

  private void recover() throws Exception {
    new DirectoryRecovery(store, view, mailboxes).run(false, entry -> {});
  }

  /** The store stays, the topic begins anew. */
  private void loseKafka() throws Exception {
    view.close();
    topics = new Topics(kafka.freshPrefix(), 1, 1, 1);
    try (Admin admin = Admin.create(kafka.clientProperties())) {
      assertThat(new TopicCheck(admin).ensure(topics)).isEmpty();
    }
    view = new KafkaDirectory(kafka.clientProperties(), topics);
    view.whenReady().toCompletableFuture().get(30, TimeUnit.SECONDS);
    mailboxes = mailboxes(view, Optional.empty());
  }

  @Test
  void refusesWhatIsNoAddress() {
    assertThat(failure(() -> mailboxes.create("jane", password("secret"), true)))
        .isEqualTo(Category.INVALID_ADDRESS);
    assertThat(failure(() -> mailboxes.suspend("nobody@example.org")))
        .isEqualTo(Category.NO_SUCH_MAILBOX);
  }
}
