package io.postern.maildrop;

import io.postern.age.Sealer;
import java.util.ArrayList;
import java.util.List;
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
    store.list(Layout.mail(mailboxId), (name, sizeBytes) -> read(mailboxId, name, sizeBytes, mail));
    return mail;
  }

  private static void read(String mailboxId, String name, long sizeBytes, List<StoredMail> mail) {
    int headerLength = MailKey.headerLength(name);
    if (headerLength == 0) {
      LOG.debug("not a message of mailbox {}: {}", mailboxId, name);
      return;
    }
    String messageId = MailKey.messageId(name);
    // Copies of one message are neighbours; a client must never see one UIDL twice (RFC 1939, 7).
    if (!mail.isEmpty() && mail.get(mail.size() - 1).messageId().equals(messageId)) {
      return;
    }
    try {
      long size = Sealer.plaintextLength(headerLength, sizeBytes);
      mail.add(new StoredMail(messageId, headerLength, sizeBytes, size));
    } catch (IllegalArgumentException e) {
      LOG.warn("damaged in mailbox {}: {} cannot be {} octets long", mailboxId, name, sizeBytes);
    }
  }
}
