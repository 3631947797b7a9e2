package io.postern.maildrop;

import io.postern.age.Sealer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mail of all mailboxes in one store. */
public final class Maildrop {
  private static final Logger LOG = LoggerFactory.getLogger(Maildrop.class);

  private final ObjectStore store;

  public Maildrop(ObjectStore store) {
    this.store = store;
  }

  /**
   * All mail of a mailbox, oldest first, each message once. What else lies there is ignored. Blocks
   * for one request to the store per thousand messages.
   */
  public List<StoredMail> list(String mailboxId) throws StoreException {
    List<StoredMail> mail = new ArrayList<>();
    String previous = "";
    for (var entry : store.list(Layout.mail(mailboxId), "", Integer.MAX_VALUE)) {
      Optional<StoredMail> found = read(entry);
      // Copies of one message are neighbours; a client must never see one UIDL twice (RFC 1939, 7).
      if (found.isPresent() && !found.get().key().messageId().equals(previous)) {
        mail.add(found.get());
        previous = found.get().key().messageId();
      }
    }
    return mail;
  }

  private static Optional<StoredMail> read(ObjectStore.Entry entry) {
    Optional<MailKey> key = MailKey.parse(entry.key());
    if (key.isEmpty()) {
      LOG.debug("not a message: {}", entry.key());
      return Optional.empty();
    }
    try {
      long size = Sealer.plaintextLength(key.get().headerLength(), entry.sizeBytes());
      return Optional.of(new StoredMail(key.get(), entry.sizeBytes(), size));
    } catch (IllegalArgumentException e) {
      LOG.warn("damaged: {} cannot be {} octets long", entry.key(), entry.sizeBytes());
      return Optional.empty();
    }
  }
}
