package io.postern.protocol.pop3;

import java.util.concurrent.CompletionException;

/** Why a login failed, or why a maildrop did not do what was asked. */
public final class MaildropException extends Exception {
  /** The kinds of failure that a client is told apart. */
  public enum Category {
    /** Wrong password or unknown mailbox: nobody may tell which. */
    CREDENTIALS,
    /** Too many failed logins lately from where this one came from. */
    THROTTLED,
    /** Worth another try: something is away, slow or full. */
    TEMPORARY,
    /** The message was deleted by another session. */
    GONE,
    /** The message does not authenticate. */
    DAMAGED
  }

  private final Category category;

  public MaildropException(Category category, Throwable cause) {
    super(category.name(), cause);
    this.category = category;
  }

  public Category category() {
    return category;
  }

  /** What a failed stage failed with; anything unforeseen counts as temporary. */
  public static Category categoryOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof MaildropException known ? known.category() : Category.TEMPORARY;
  }
}
