package io.postern.maildrop;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    OptionalLong size = plaintextBytes(entry.sizeBytes(), key.get().headerLength());
    if (size.isEmpty()) {
      LOG.warn("damaged: {} cannot be {} octets long", entry.key(), entry.sizeBytes());
      return Optional.empty();
    }
    return Optional.of(new StoredMail(key.get(), entry.sizeBytes(), size.getAsLong()));
  }

  /**
   * The exact size of what an age file holds: the payload is a nonce and then chunks of 64 KiB with
   * a tag of 16 octets each, at least one; only the chunk of an empty file is empty (C2SP age.md,
   * "Payload").
   *
   * @return empty where no file has such a length
   */
  static OptionalLong plaintextBytes(long fileBytes, long headerBytes) {
    final int nonce = 16;
    final int tag = 16;
    final int sealedChunk = 65_536 + tag;
    long payload = fileBytes - headerBytes - nonce;
    long chunks = Math.max(1, (payload + sealedChunk - 1) / sealedChunk);
    long plaintext = payload - tag * chunks;
    boolean lastChunkEmpty = plaintext <= (chunks - 1) * 65_536;
    return plaintext < 0 || (chunks > 1 && lastChunkEmpty)
        ? OptionalLong.empty()
        : OptionalLong.of(plaintext);
  }
}
