package io.postern.protocol.pop3;

import java.nio.charset.StandardCharsets;

/**
 * A status line (RFC 1939, section 3).
 *
 * @param status how it begins, an extended response code included
 * @param text for people: ASCII, so short that the line keeps below 512 octets
 */
record Reply(Status status, String text) {
  /** The beginnings of a status line, with the extended response codes of RFC 2449, section 8. */
  enum Status {
    OK("+OK "),
    ERROR("-ERR "),
    /** RFC 3206, section 4: worth another try without asking anyone. */
    TEMPORARY("-ERR [SYS/TEMP] "),
    /** RFC 3206, section 4: someone has to see to it. */
    PERMANENT("-ERR [SYS/PERM] "),
    /** RFC 3206, section 5: the credentials, or the way in which they were given. */
    AUTH("-ERR [AUTH] "),
    /** A SASL challenge (RFC 5034, section 4). */
    CHALLENGE("+ ");

    private final String beginning;

    Status(String beginning) {
      this.beginning = beginning;
    }
  }

  static Reply ok(String text) {
    return new Reply(Status.OK, text);
  }

  static Reply error(String text) {
    return new Reply(Status.ERROR, text);
  }

  /** The one place where failures become answers. */
  static Reply failure(MaildropException.Category category) {
    return switch (category) {
      case CREDENTIALS -> new Reply(Status.AUTH, "wrong user name or password");
      case THROTTLED -> new Reply(Status.TEMPORARY, "too many failed logins, try again later");
      case TEMPORARY -> new Reply(Status.TEMPORARY, "not possible now, try again later");
      case GONE -> error("the message has been deleted by another session");
      case DAMAGED -> new Reply(Status.PERMANENT, "the message is damaged");
    };
  }

  /** The whole line, CRLF included. */
  byte[] octets() {
    return (status.beginning + text + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }
}
