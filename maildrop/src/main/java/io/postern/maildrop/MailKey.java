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

  private static final int MAX_HEADER_DIGITS = 7;

  private static final String FOLDER = "/mail/";
  private static final String SUFFIX = ".age";

  private static final int MAILBOX_AT = Layout.MAILBOXES.length();

  /** In a key's last part. */
  private static final int HEADER_AT = Layout.ULID_LENGTH + 1;

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
    if (!key.startsWith(Layout.MAILBOXES)
        || !key.startsWith(FOLDER, MAILBOX_AT + Layout.ULID_LENGTH)) {
      return Optional.empty();
    }
    String mailboxId = key.substring(MAILBOX_AT, MAILBOX_AT + Layout.ULID_LENGTH);
    String name = key.substring(MAILBOX_AT + Layout.ULID_LENGTH + FOLDER.length());
    int headerLength = headerLength(name);
    return headerLength > 0 && Layout.isUlid(mailboxId)
        ? Optional.of(new MailKey(mailboxId, messageId(name), headerLength))
        : Optional.empty();
  }

  /**
   * What a key's last part says; 0 where that is not exactly what {@link #key} makes. Large
   * mailboxes are read through this: it looks at each character once and makes nothing.
   */
  static int headerLength(String name) {
    int end = name.length() - SUFFIX.length();
    if (end <= HEADER_AT
        || end - HEADER_AT > MAX_HEADER_DIGITS
        || name.charAt(HEADER_AT) == '0'
        || name.charAt(HEADER_AT - 1) != '-'
        || !name.endsWith(SUFFIX)
        || !Layout.startsWithUlid(name)) {
      return 0;
    }
    int headerLength = 0;
    for (int i = HEADER_AT; i < end; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      headerLength = 10 * headerLength + digit;
    }
    return headerLength;
  }

  /** The id in a key's last part that has a header length. */
  static String messageId(String name) {
    return name.substring(0, Layout.ULID_LENGTH);
  }
}
