package io.postern.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.pipeline.Envelope;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The trace headers in front of a stored copy (RFC 5321 section 4.4), and the envelope as archivers
 * read it. Values come from the peer: nothing in them can end a header.
 */
final class TraceHeaders {
  private static final String CRLF = "\r\n";
  private static final String FOLD = "\r\n\t";

  /** RFC 5322 section 3.3. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Keeps folded lines within the 998 octets of RFC 5322 section 2.1.1, in UTF-8 too. */
  private static final int MAX_VALUE_CHARS = 320;

  private TraceHeaders() {}

  static byte[] of(Envelope envelope, Envelope.Copy copy, String messageId) {
    StringBuilder headers = new StringBuilder(512);
    if (envelope.from() != null) {
      headers.append("Return-Path: <").append(path(envelope.from())).append('>').append(CRLF);
    }
    received(headers, envelope, copy, messageId);
    if (envelope.from() != null) {
      headers.append("X-Envelope-From: <").append(path(envelope.from())).append('>').append(CRLF);
    }
    for (String recipient : copy.recipients()) {
      headers.append("X-Envelope-To: <").append(path(recipient)).append('>').append(CRLF);
    }
    return headers.toString().getBytes(UTF_8);
  }

  private static void received(
      StringBuilder headers, Envelope envelope, Envelope.Copy copy, String messageId) {
    headers.append("Received: from ").append(word(envelope.helo()));
    headers.append(" (").append(addressLiteral(envelope.clientIp())).append(')');
    if (!envelope.tls().isEmpty()) {
      headers.append(FOLD).append("(using ").append(comment(envelope.tls())).append(')');
    }
    headers.append(FOLD).append("by ").append(word(envelope.by()));
    headers.append(" with ").append(word(envelope.protocol()));
    headers.append(" id ").append(messageId);
    if (copy.recipients().size() == 1) {
      // Never one of several: RFC 5321 section 7.2.
      headers.append(FOLD).append("for <").append(path(copy.recipients().get(0))).append('>');
    }
    headers.append(';').append(FOLD).append(DATE.format(envelope.receivedAt())).append(CRLF);
  }

  private static String addressLiteral(String ip) {
    String literal = word(ip);
    return ip.indexOf(':') >= 0 ? "[IPv6:" + literal + "]" : "[" + literal + "]";
  }

  /** An address within its brackets: everything but what would end the line. */
  private static String path(String address) {
    return replaced(address, false);
  }

  private static String comment(String text) {
    return replaced(text.replace('(', '?').replace(')', '?').replace('\\', '?'), false);
  }

  /** One word outside comments and quotes; host names are ASCII here (RFC 6531 section 3.7.1). */
  private static String word(String text) {
    return text.isEmpty() ? "unknown" : replaced(text, true);
  }

  private static String replaced(String text, boolean word) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .limit(MAX_VALUE_CHARS)
        .forEach(c -> clean.appendCodePoint(allowed(c, word) ? c : '?'));
    return clean.toString();
  }

  private static boolean allowed(int c, boolean word) {
    if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || isSurrogate(c)) {
      return false;
    }
    return !word || c > ' ' && c < 0x7f && "()<>;,\"\\".indexOf(c) < 0;
  }

  /** A lone half of a pair has no UTF-8. */
  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }
}
