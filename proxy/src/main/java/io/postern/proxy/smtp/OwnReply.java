package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.proxy.Archive;
import java.nio.ByteBuffer;
import java.util.List;

/** What the proxy says itself (RFC 5321, section 4.2; RFC 3463). */
enum OwnReply {
  READY_FOR_TLS("220 2.0.0 Go ahead"),
  BYE("221 2.0.0 Bye"),
  NO_UPSTREAM("421 4.4.1 The mail server cannot be reached; try again later"),
  UPSTREAM_LOST("421 4.4.2 The connection to the mail server is lost; try again later"),
  TIMED_OUT("421 4.4.2 Nothing came for too long"),
  STOPPING("421 4.3.2 This server is stopping; try again later"),
  TOO_MANY_ERRORS("421 4.7.0 Too many errors"),
  MESSAGE_LOST("451 4.4.2 The connection to the mail server was lost; send the message again"),
  OUTCOME_OPEN("451 4.4.2 The mail server has not confirmed the message"),
  ARCHIVE_AWAY("451 4.3.0 The archive is not available; try again later"),
  ARCHIVE_FULL("452 4.3.1 Too much waits to be archived; try again later"),
  TOO_FAST("450 4.7.1 Too many messages from this address; try again later"),
  TOO_MANY_RECIPIENTS("452 4.5.3 Too many recipients"),
  LINE_TOO_LONG("500 5.5.2 Line too long"),
  LINE_MALFORMED("500 5.5.2 Lines end in CRLF and hold no other CR or LF"),
  NOT_CARRIED("502 5.5.1 This command does not pass"),
  ARGUMENTS_WRONG("501 5.5.4 Syntax error in the arguments"),
  HELLO_FIRST("503 5.5.1 EHLO first"),
  TLS_ALREADY("503 5.5.1 TLS is on already"),
  BAD_SEQUENCE("503 5.5.1 Not now"),
  NO_RECIPIENTS("503 5.5.1 No recipient was accepted"),
  MECHANISM_NOT_CARRIED("504 5.5.4 This mechanism does not pass through a proxy"),
  TLS_FIRST("530 5.7.0 STARTTLS first"),
  ENCRYPTION_REQUIRED("538 5.7.11 Only over TLS"),
  TOO_LARGE("552 5.3.4 The message is too large"),
  LONE_CR_OR_LF("550 5.5.2 The message holds a CR or LF that is not part of a CRLF"),
  AFTER_STARTTLS("554 5.5.1 Nothing may follow STARTTLS in clear");

  private final String text;

  OwnReply(String text) {
    this.text = text;
  }

  /** Why no message passes; null where messages do. */
  static OwnReply of(Archive.State archive) {
    return switch (archive) {
      case READY -> null;
      case FULL -> ARCHIVE_FULL;
      case AWAY -> ARCHIVE_AWAY;
    };
  }

  ByteBuffer encoded() {
    return ByteBuffer.wrap((text + "\r\n").getBytes(US_ASCII));
  }

  static ByteBuffer greeting(String hostname) {
    return ByteBuffer.wrap(("220 " + hostname + " ESMTP\r\n").getBytes(US_ASCII));
  }

  static ByteBuffer hello(String hostname, List<String> extensions) {
    StringBuilder reply = new StringBuilder();
    reply.append("250").append(extensions.isEmpty() ? ' ' : '-').append(hostname).append("\r\n");
    for (int i = 0; i < extensions.size(); i++) {
      reply.append("250").append(i < extensions.size() - 1 ? '-' : ' ');
      reply.append(extensions.get(i)).append("\r\n");
    }
    return ByteBuffer.wrap(reply.toString().getBytes(US_ASCII));
  }
}
