package io.postern.proxy;

import io.postern.protocol.Tls;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where a connection's copies go. All stages complete on the connection's event loop. */
public interface Archive {
  /**
   * What is known of a message beside its text.
   *
   * @param from the reverse path, empty for {@code <>}, null where nobody has told it
   * @param recipients all whom the mail server took it for, blind ones included
   * @param helo what the client calls itself, or empty
   * @param protocol for the trace headers: ESMTPSA, POP3S …
   * @param tls how the client's side is protected
   */
  record Origin(String from, List<String> recipients, String helo, String protocol, Tls tls) {}

  /** Whether copies can be begun. */
  enum State {
    READY,
    /** So much waits to be stored that nothing more is taken for a while. */
    FULL,
    AWAY
  }

  /** Whether a copy for the mailbox could be begun now. */
  State state(String mailbox);

  /**
   * Begins a copy.
   *
   * @param mailbox the address of the mailbox that receives it
   * @throws Unavailable where it cannot be taken now
   */
  Copy begin(String mailbox, Origin origin);

  /** Notes that a message passes without a copy, because the archive failed. */
  void missed(String why);

  /** A copy in the making: written, prepared, and decided last. */
  interface Copy {
    /** Its id in the archive. */
    String messageId();

    /** The array is the caller's. */
    void write(byte[] octets, int offset, int length);

    /** Whether more may be written now. */
    boolean writable();

    /** Completes when {@link #writable} is true again; fails with {@link Unavailable}. */
    CompletionStage<Void> whenWritable();

    /**
     * Ends the text. Completes once all of it is safe and lacks nothing but the outcome; fails with
     * {@link Unavailable}: then there is no copy.
     */
    CompletionStage<Void> prepare();

    /**
     * Ends the text of a message about which there is nothing to decide. Completes once the copy is
     * safe; fails with {@link Unavailable}: then there is none.
     */
    CompletionStage<Void> finish();

    /**
     * The mail server took the message. Completes when that is written down, or when trying has
     * been given up: the copy is kept either way.
     */
    CompletionStage<Void> commit();

    /** What the mail server did will never be known: the copy is kept and marked. */
    CompletionStage<Void> leaveOpen();

    /** The message was refused, or never ended: there is no copy. */
    void abort();
  }

  /** The archive does not take a copy now. */
  final class Unavailable extends RuntimeException {
    private final State state;

    public Unavailable(String why, Throwable cause) {
      this(State.AWAY, why, cause);
    }

    public Unavailable(State state, String why, Throwable cause) {
      super(why, cause);
      this.state = state;
    }

    public State state() {
      return state;
    }
  }
}
