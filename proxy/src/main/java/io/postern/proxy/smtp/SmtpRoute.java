package io.postern.proxy.smtp;

import io.postern.proxy.MailboxChoice;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.UpstreamTls;

/**
 * What sessions of one SMTP route keep to.
 *
 * @param hostname the name that we go by, on both sides
 * @param requireTls whether the client must be protected before it sends mail (submission)
 * @param offerStarttls whether the port is one for STARTTLS, and not for implicit TLS
 * @param upstreamTls how the way to the mail server is protected
 * @param mailboxes which mailbox gets a copy
 * @param onArchiveFailure what becomes of mail while the archive takes none
 * @param maxMessageBytes of the text, stuffed dots not counted
 * @param maxRecipients accepted recipients of one message
 * @param maxBadCommands after so many the connection is closed
 */
public record SmtpRoute(
    String hostname,
    boolean requireTls,
    boolean offerStarttls,
    UpstreamTls upstreamTls,
    MailboxChoice mailboxes,
    OnArchiveFailure onArchiveFailure,
    long maxMessageBytes,
    int maxRecipients,
    int maxBadCommands) {}
