package io.postern.crypto;

import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.age.Recipient;
import io.postern.mailbox.Directory;
import io.postern.mailbox.Mailbox;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Whom a mailbox's mail is sealed to; remembers the last ones it parsed. Not thread-safe. */
final class Recipients {
  private static final int MAX_REMEMBERED = 1000;

  private final Directory directory;

  private final Map<String, Recipient> parsed =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Recipient> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  Recipients(Directory directory) {
    this.directory = directory;
  }

  /**
   * Empty where there is no such mailbox.
   *
   * @throws AgeException where its recipient does not parse
   */
  Optional<Recipient> of(String mailboxId) throws AgeException {
    Optional<Mailbox> mailbox = directory.byId(mailboxId);
    if (mailbox.isEmpty()) {
      return Optional.empty();
    }
    String text = mailbox.get().recipient();
    Recipient recipient = parsed.get(text);
    if (recipient == null) {
      recipient = Keys.recipient(text);
      parsed.put(text, recipient);
    }
    return Optional.of(recipient);
  }
}
