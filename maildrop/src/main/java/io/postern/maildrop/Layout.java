package io.postern.maildrop;

import java.util.regex.Pattern;

/**
 * Where things lie in the object store, the same in a directory and in a bucket:
 *
 * <pre>
 * mailboxes/MAILBOX-ID/mailbox.json
 * mailboxes/MAILBOX-ID/identity.age
 * mailboxes/MAILBOX-ID/identity.recovery.age
 * mailboxes/MAILBOX-ID/mail/MESSAGE-ID-HEADER-LENGTH.age
 * </pre>
 *
 * Ids are ULIDs in lower case: the keys' order is the order of arrival.
 */
public final class Layout {
  /** Everything about mailboxes is below this. */
  public static final String MAILBOXES = "mailboxes/";

  /** A ULID in lower case: 26 characters of Crockford's base 32, the first at most 7 (128 bits). */
  static final Pattern ULID = Pattern.compile("[0-7][0-9a-hjkmnp-tv-z]{25}");

  private Layout() {}

  /** What is public of a mailbox. */
  public static String record(String mailboxId) {
    return mailbox(mailboxId) + "mailbox.json";
  }

  /** The mailbox's identity, sealed with its password. */
  public static String identity(String mailboxId) {
    return mailbox(mailboxId) + "identity.age";
  }

  /** The mailbox's identity, sealed to the organisation's recovery recipient. */
  public static String recoveryIdentity(String mailboxId) {
    return mailbox(mailboxId) + "identity.recovery.age";
  }

  /** What the keys of a mailbox's mail start with. */
  public static String mail(String mailboxId) {
    return mailbox(mailboxId) + "mail/";
  }

  /** What all keys of a mailbox start with. */
  public static String mailbox(String mailboxId) {
    return MAILBOXES + requireUlid(mailboxId) + "/";
  }

  static String requireUlid(String id) {
    if (!ULID.matcher(id).matches()) {
      throw new IllegalArgumentException("not a ULID in lower case: " + id);
    }
    return id;
  }
}
