package io.postern.maildrop;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern KEY =
      Pattern.compile(
          "mailboxes/(%1$s)/mail/(%1$s)-([1-9][0-9]{0,6})\\.age".formatted(Layout.ULID));

  public MailKey {
    Layout.requireUlid(mailboxId);
    Layout.requireUlid(messageId);
    if (headerLength < 1 || headerLength > MAX_HEADER_LENGTH) {
      throw new IllegalArgumentException("header length " + headerLength);
    }
  }

  /** The object's key. */
  public String key() {
    return Layout.mail(mailboxId) + messageId + "-" + headerLength + ".age";
  }

  /** Reads an object's key; empty where it is not exactly one that {@link #key} makes. */
  public static Optional<MailKey> parse(String key) {
    Matcher parts = KEY.matcher(key);
    return parts.matches()
        ? Optional.of(new MailKey(parts.group(1), parts.group(2), Integer.parseInt(parts.group(3))))
        : Optional.empty();
  }
}
