package io.postern.maildrop;

import java.util.Optional;

/**
 * The name of one stored copy of a message.
 *
 * @param mailboxId whose copy, a ULID in lower case
 * @param messageId the message, a ULID in lower case; the POP3 UIDL
 * @param headerLength octets of the age file's header text, at most 9,999,999. It stands in the
 *     name so that the message's exact size follows from the object's size alone
 */
public record MailKey(String mailboxId, String messageId, int headerLength) {
  private static final int MAX_HEADER_LENGTH = 9_999_999;

  private static final String SUFFIX = ".age";

  public MailKey {
    Layout.requireUlid(mailboxId);
    Layout.requireUlid(messageId);
    if (headerLength < 1 || headerLength > MAX_HEADER_LENGTH) {
      throw new IllegalArgumentException("header length " + headerLength);
    }
  }

  /** The object's key. */
  public String key() {
    return Layout.mail(mailboxId) + messageId + "-" + headerLength + SUFFIX;
  }

  /** Reads an object's key; empty where it is not exactly one that {@link #key} makes. */
  public static Optional<MailKey> parse(String key) {
    int mailbox = Layout.MAILBOXES.length();
    int message = key.lastIndexOf('/') + 1;
    int header = message + Layout.ULID_LENGTH + 1;
    int end = key.length() - SUFFIX.length();
    if (message < mailbox + Layout.ULID_LENGTH || end <= header) {
      return Optional.empty();
    }
    try {
      MailKey parsed =
          new MailKey(
              key.substring(mailbox, mailbox + Layout.ULID_LENGTH),
              key.substring(message, message + Layout.ULID_LENGTH),
              Integer.parseInt(key, header, end, 10));
      return parsed.key().equals(key) ? Optional.of(parsed) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
