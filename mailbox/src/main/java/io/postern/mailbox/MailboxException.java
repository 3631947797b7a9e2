package io.postern.mailbox;

/** Why something about a mailbox was not done; the message is one line for people. */
public final class MailboxException extends Exception {
  public enum Category {
    /** No mailbox has this address. */
    NO_SUCH_MAILBOX,
    ADDRESS_TAKEN,
    INVALID_ADDRESS,
    INVALID_PASSWORD,
    /** The password, or the recovery identity, does not open the mailbox's identity. */
    WRONG_PASSWORD,
    /** The mailbox was made without a recovery recipient. */
    NO_RECOVERY,
    /** There is mail in it. */
    NOT_EMPTY,
    /** Kafka does not know the mailboxes that the store has. */
    LOST,
    /** What is kept of the mailbox does not read. */
    DAMAGED,
    /** Kafka or the object store did not do its part: worth another try. */
    UNAVAILABLE
  }

  private final Category category;

  public MailboxException(Category category, String message, Throwable cause) {
    super(message, cause);
    this.category = category;
  }

  public MailboxException(Category category, String message) {
    this(category, message, null);
  }

  public Category category() {
    return category;
  }
}
