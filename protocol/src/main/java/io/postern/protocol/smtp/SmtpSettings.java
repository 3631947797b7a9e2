package io.postern.protocol.smtp;

/**
 * What a session keeps to.
 *
 * @param hostname the name that it goes by
 * @param maxMessageBytes announced by SIZE (RFC 1870) and enforced; stuffed dots do not count
 * @param maxRecipients accepted recipients of one message, at least 100 (RFC 5321, section
 *     4.5.3.1.8)
 * @param maxBadCommands after so many syntax and sequence errors the connection is closed
 * @param loneCrOrLf what becomes of a CR or LF by itself in DATA; BDAT may hold any octets
 * @param requireTls whether mail is refused in clear (530 5.7.0)
 */
public record SmtpSettings(
    String hostname,
    long maxMessageBytes,
    int maxRecipients,
    int maxBadCommands,
    LoneCrOrLf loneCrOrLf,
    boolean requireTls) {
  /** 250 MiB. */
  public static final long DEFAULT_MAX_MESSAGE_BYTES = 250L * 1024 * 1024;

  /** See RFC 5321, section 2.3.8: such octets are forbidden, and are how messages get smuggled. */
  public enum LoneCrOrLf {
    /** The message is refused: 550 5.5.2. */
    REFUSE,
    /** They stay as they are. They never end a message either way. */
    ALLOW
  }

  /** The defaults for a host. */
  public static SmtpSettings of(String hostname) {
    return new SmtpSettings(hostname, DEFAULT_MAX_MESSAGE_BYTES, 100, 20, LoneCrOrLf.REFUSE, false);
  }
}
