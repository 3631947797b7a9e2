package io.postern.maildrop;

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

  static final int ULID_LENGTH = 26;

  private static final String MAIL = "mail/";

  /**
   * Which characters are digits of a ULID: mailboxes of hundred thousands of messages ask often.
   */
  private static final boolean[] ULID_DIGIT = digits("0123456789abcdefghjkmnpqrstvwxyz");

  private Layout() {}

  private static boolean[] digits(String digits) {
    boolean[] isDigit = new boolean[128];
    digits.chars().forEach(digit -> isDigit[digit] = true);
    return isDigit;
  }

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
    return mailbox(mailboxId) + MAIL;
  }

  /** Whether this may be the key of a message. */
  static boolean isMail(String key) {
    int slash = key.indexOf('/', MAILBOXES.length());
    return key.startsWith(MAILBOXES) && key.startsWith(MAIL, slash + 1);
  }

  /** What all keys of a mailbox start with. */
  public static String mailbox(String mailboxId) {
    return MAILBOXES + requireUlid(mailboxId) + "/";
  }

  static String requireUlid(String id) {
    if (!isUlid(id)) {
      throw new IllegalArgumentException("not a ULID in lower case: " + id);
    }
    return id;
  }

  /**
   * A ULID in lower case: Crockford's base 32, the first digit at most 7, since it has 128 bits.
   */
  static boolean isUlid(String id) {
    return id.length() == ULID_LENGTH && startsWithUlid(id);
  }

  /** Of a name that is long enough. */
  static boolean startsWithUlid(String name) {
    if (name.charAt(0) > '7') {
      return false;
    }
    for (int i = 0; i < ULID_LENGTH; i++) {
      char digit = name.charAt(i);
      if (digit >= ULID_DIGIT.length || !ULID_DIGIT[digit]) {
        return false;
      }
    }
    return true;
  }
}
