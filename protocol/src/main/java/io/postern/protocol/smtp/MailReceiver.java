package io.postern.protocol.smtp;

import java.util.concurrent.CompletionStage;

/**
 * Where a session's mail goes. Nothing here blocks, and every stage completes on the session's
 * event loop.
 */
public interface MailReceiver {
  /** What becomes of mail to an address. */
  enum Answer {
    ACCEPTED,
    /** 550 5.1.1 */
    UNKNOWN,
    /** 450 4.2.1 */
    SUSPENDED,
    /** 451 4.3.0 */
    TEMPORARY
  }

  /** Asks about one recipient, as the client wrote it. */
  Answer recipient(String address);

  /**
   * Begins a message.
   *
   * @throws Failure where it cannot be taken now
   */
  Delivery begin(Mail mail);

  /** A message on its way in. */
  interface Delivery {
    /** The array is the caller's: copy what is to be kept. */
    void write(byte[] octets, int offset, int length);

    /** Whether more may be written now. */
    boolean writable();

    /** Completes when {@link #writable} is true again; fails with {@link Failure}. */
    CompletionStage<Void> whenWritable();

    /**
     * Ends the message. Completes with its id once it is safe, and no sooner; fails with {@link
     * Failure}.
     */
    CompletionStage<String> finish();

    /** Takes the message back. */
    void abort();
  }

  /** Why a message is not taken. */
  final class Failure extends RuntimeException {
    public enum Category {
      /** 451 4.3.0 */
      TEMPORARY,
      /** 452 4.3.1 */
      FULL,
      /** 554 5.3.0 */
      REFUSED
    }

    private final Category category;

    public Failure(Category category, Throwable cause) {
      super(category.name(), cause);
      this.category = category;
    }

    public Category category() {
      return category;
    }
  }
}
