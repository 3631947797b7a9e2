package io.postern.pop3;

import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.StoreException;
import io.postern.protocol.pop3.Authenticator;
import io.postern.protocol.pop3.Maildrop;
import io.postern.protocol.pop3.MaildropException;
import io.postern.wire.Peer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs one peer in: the throttle, the password, the list of messages. */
final class MailboxLogin implements Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(MailboxLogin.class);

  private final Directory directory;
  private final Unlocker unlocker;
  private final LoginThrottle throttle;
  private final StoreMaildrop.Shared shared;
  private final Peer peer;

  MailboxLogin(
      Directory directory,
      Unlocker unlocker,
      LoginThrottle throttle,
      StoreMaildrop.Shared shared,
      Peer peer) {
    this.directory = directory;
    this.unlocker = unlocker;
    this.throttle = throttle;
    this.shared = shared;
    this.peer = peer;
  }

  @Override
  public CompletionStage<Maildrop> login(String user, byte[] password) {
    if (!directory.isConclusive()) {
      return refused(MaildropException.Category.TEMPORARY, password);
    }
    if (!throttle.admit(peer.ip())) {
      LOG.info("login from {} refused: too many have failed", peer.ip());
      return refused(MaildropException.Category.THROTTLED, password);
    }
    Optional<Mailbox> mailbox = directory.byLogin(user);
    String id = mailbox.map(Mailbox::id).orElse("none");
    Optional<byte[]> identity = mailbox.flatMap(known -> directory.identity(known.id()));
    CompletionStage<Maildrop> opened =
        unlocker
            .unlock(identity, directory.anyIdentity(), id, password)
            .thenCompose(identities -> list(id, new SessionKeys(identities)))
            .whenComplete((maildrop, failure) -> account(id, failure));
    return OnLoop.of(opened, peer.loop());
  }

  private CompletionStage<Maildrop> list(String mailboxId, SessionKeys keys) {
    return shared
        .workers()
        .goOn(() -> maildrop(mailboxId, keys))
        .whenComplete(
            (maildrop, failure) -> {
              if (failure != null) {
                keys.wipe();
              }
            });
  }

  private Maildrop maildrop(String mailboxId, SessionKeys keys) throws StoreException {
    Snapshot snapshot =
        new Snapshot(mailboxId, new io.postern.maildrop.Maildrop(shared.store()).list(mailboxId));
    return new StoreMaildrop(shared, snapshot, keys, peer.loop());
  }

  /** Only wrong credentials use up the peer's tokens. */
  private void account(String mailboxId, Throwable failure) {
    if (failure == null) {
      LOG.debug("login to mailbox {} from {}", mailboxId, peer.ip());
      shared.meters().loggedIn();
      throttle.succeeded(peer.ip());
      return;
    }
    MaildropException.Category category = MaildropException.categoryOf(failure);
    shared.meters().loginFailed(category);
    if (category == MaildropException.Category.CREDENTIALS) {
      LOG.info("login to mailbox {} from {} failed", mailboxId, peer.ip());
    } else {
      LOG.warn("login to mailbox {} not possible: {}", mailboxId, cause(failure).toString());
      throttle.succeeded(peer.ip());
    }
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  private CompletionStage<Maildrop> refused(MaildropException.Category category, byte[] password) {
    shared.meters().loginFailed(category);
    Arrays.fill(password, (byte) 0);
    return CompletableFuture.failedFuture(new MaildropException(category, null));
  }
}
