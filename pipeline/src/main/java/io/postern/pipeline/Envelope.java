package io.postern.pipeline;

import java.time.Instant;
import java.util.List;

/**
 * What the SMTP session knew about a message. It travels inside the sealed raw stream, in front of
 * the message, since it names people.
 *
 * @param from the reverse path without brackets, empty for {@code <>}, null where nobody has told
 *     it: mail that was fetched
 * @param copies one per receiving mailbox
 * @param clientIp the peer's address
 * @param helo the name that it gave
 * @param protocol ESMTP, ESMTPS, UTF8SMTP … (RFC 3848, RFC 6531) for the trace header
 * @param tls for example "TLSv1.3 TLS_AES_256_GCM_SHA384", or empty
 * @param listener which listener took it
 * @param by the receiving host's name
 * @param receivedAt when the transaction's data began
 * @param traceHeaders whether the stored copy gets trace headers
 */
public record Envelope(
    String from,
    List<Copy> copies,
    String clientIp,
    String helo,
    String protocol,
    String tls,
    String listener,
    String by,
    Instant receivedAt,
    boolean traceHeaders) {

  /**
   * One copy.
   *
   * @param mailboxId whose it is
   * @param address the recipient as it was given in RCPT
   * @param recipients whom the trace headers of this copy name; in records of older versions, and
   *     of mail for the mailbox itself, the address alone
   */
  public record Copy(String mailboxId, String address, List<String> recipients) {
    public Copy {
      recipients = recipients == null ? List.of(address) : List.copyOf(recipients);
    }

    public Copy(String mailboxId, String address) {
      this(mailboxId, address, null);
    }
  }
}
