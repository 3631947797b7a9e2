package io.postern.protocol.smtp;

/** A command that is well-formed, one record a verb that has something to say. */
sealed interface Command {
  /** How the sender encodes the message (RFC 6152, RFC 3030). */
  enum Body {
    SEVEN_BIT,
    EIGHT_BIT_MIME,
    /** May hold any octets and comes by BDAT only. */
    BINARY_MIME
  }

  Verb verb();

  /** A verb that says everything by itself, or whose argument does not matter. */
  record Plain(Verb verb) implements Command {}

  /**
   * EHLO or HELO.
   *
   * @param name what the client calls itself; not checked
   */
  record Hello(Verb verb, String name) implements Command {}

  /**
   * MAIL.
   *
   * @param from the reverse path, empty for {@code <>}
   * @param sizeBytes as announced, or 0
   * @param utf8 whether SMTPUTF8 was asked for (RFC 6531)
   */
  record Mail(String from, long sizeBytes, Body body, boolean utf8) implements Command {
    @Override
    public Verb verb() {
      return Verb.MAIL;
    }
  }

  /**
   * RCPT.
   *
   * @param to the forward path without brackets and source route
   */
  record Rcpt(String to) implements Command {
    @Override
    public Verb verb() {
      return Verb.RCPT;
    }
  }

  /**
   * BDAT (RFC 3030).
   *
   * @param sizeBytes octets of the chunk that follows
   * @param last whether the message ends with it
   */
  record Bdat(long sizeBytes, boolean last) implements Command {
    @Override
    public Verb verb() {
      return Verb.BDAT;
    }
  }
}
