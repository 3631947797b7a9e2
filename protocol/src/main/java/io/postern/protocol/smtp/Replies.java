package io.postern.protocol.smtp;

import java.util.List;
import java.util.stream.Stream;

/** Everything that a session can say. */
final class Replies {
  static final Reply OK = Reply.of(250, "2.0.0", "Ok");
  static final Reply SENDER_OK = Reply.of(250, "2.1.0", "Ok");
  static final Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Ok");
  static final Reply BYE = Reply.of(221, "2.0.0", "Bye");
  static final Reply HELP = Reply.of(214, "2.0.0", "See RFC 5321");
  static final Reply START_TLS = Reply.of(220, "2.0.0", "Ready to start TLS");
  static final Reply NOT_VERIFIED =
      Reply.of(252, "2.0.0", "Not verified; RCPT tells whether there is such a mailbox");
  static final Reply GO_AHEAD = Reply.of(354, "", "End the message with <CR><LF>.<CR><LF>");

  static final Reply STOPPING = Reply.of(421, "4.3.2", "Shutting down; try again later");
  static final Reply TIMED_OUT = Reply.of(421, "4.4.2", "Nothing came for too long");
  static final Reply TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors");
  static final Reply SUSPENDED = Reply.of(450, "4.2.1", "The mailbox takes no mail at present");
  static final Reply TEMPORARY = Reply.of(451, "4.3.0", "Cannot take mail at present");
  static final Reply FULL = Reply.of(452, "4.3.1", "Too much is waiting; try again later");
  static final Reply TOO_MANY_RECIPIENTS = Reply.of(452, "4.5.3", "Too many recipients");

  static final Reply UNKNOWN_COMMAND = Reply.of(500, "5.5.1", "Command not recognized");
  static final Reply LINE_TOO_LONG = Reply.of(500, "5.5.2", "Line too long");
  static final Reply LINE_MALFORMED =
      Reply.of(500, "5.5.2", "A line may hold no control characters, and ends in <CR><LF>");
  static final Reply PATH_EXPECTED = Reply.of(501, "5.5.2", "Path expected");
  static final Reply ARGUMENTS_WRONG = Reply.of(501, "5.5.4", "Arguments missing or malformed");
  static final Reply BAD_SENDER = Reply.of(501, "5.1.7", "Malformed sender address");
  static final Reply BAD_RECIPIENT = Reply.of(501, "5.1.3", "Malformed recipient address");
  static final Reply NOT_IMPLEMENTED = Reply.of(502, "5.5.1", "Command not implemented");
  static final Reply HELLO_FIRST = Reply.of(503, "5.5.1", "Say EHLO first");
  static final Reply TLS_ALREADY = Reply.of(503, "5.5.1", "TLS is on already");
  static final Reply BAD_SEQUENCE = Reply.of(503, "5.5.1", "Bad sequence of commands");
  static final Reply BDAT_ONLY = Reply.of(503, "5.5.1", "BINARYMIME needs BDAT");
  static final Reply TLS_REQUIRED = Reply.of(530, "5.7.0", "Issue a STARTTLS command first");
  static final Reply UNKNOWN_MAILBOX = Reply.of(550, "5.1.1", "No such mailbox here");
  static final Reply LONE_CR_OR_LF =
      Reply.of(550, "5.5.2", "The message holds a <CR> or <LF> that is not part of a <CR><LF>");
  static final Reply TOO_LARGE = Reply.of(552, "5.3.4", "Message too large");
  static final Reply UTF8_NOT_ASKED_FOR =
      Reply.of(553, "5.6.7", "Such an address needs the parameter SMTPUTF8");
  static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");
  static final Reply REFUSED = Reply.of(554, "5.3.0", "Message refused");
  static final Reply AFTER_STARTTLS =
      Reply.of(554, "5.5.1", "Nothing may follow STARTTLS but the handshake");
  static final Reply UNKNOWN_PARAMETER = Reply.of(555, "5.5.4", "Parameter not recognized");

  private Replies() {}

  static Reply greeting(String hostname) {
    return Reply.of(220, "", hostname + " ESMTP Postern");
  }

  static Reply hello(String hostname) {
    return Reply.of(250, "", hostname);
  }

  /** The extensions, each with the RFC that has it. */
  static Reply extensions(String hostname, long maxMessageBytes, boolean offerTls) {
    List<String> always =
        List.of(
            hostname,
            "PIPELINING", // 2920
            "SIZE " + maxMessageBytes, // 1870
            "8BITMIME", // 6152
            "SMTPUTF8", // 6531
            "CHUNKING", // 3030
            "BINARYMIME", // 3030
            "ENHANCEDSTATUSCODES"); // 2034
    return new Reply(250, "", offerTls ? append(always, "STARTTLS") : always); // 3207
  }

  static Reply queued(String messageId) {
    return Reply.of(250, "2.0.0", "Ok: queued as " + messageId);
  }

  static Reply chunk(long sizeBytes) {
    return Reply.of(250, "2.0.0", sizeBytes + " octets received");
  }

  /** The one place where a receiver's failure becomes a reply. */
  static Reply failure(MailReceiver.Failure.Category category) {
    return switch (category) {
      case TEMPORARY -> TEMPORARY;
      case FULL -> FULL;
      case REFUSED -> REFUSED;
    };
  }

  private static List<String> append(List<String> lines, String line) {
    return Stream.concat(lines.stream(), Stream.of(line)).toList();
  }
}
