package io.postern.proxy.pop3;

import io.postern.proxy.MailboxChoice;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.UpstreamTls;

/**
 * What sessions of one POP3 route keep to.
 *
 * @param offerStls whether the port is one for STLS, and not for implicit TLS
 * @param upstreamTls how the way to the mail server is protected
 * @param mailboxes which mailbox gets a copy
 * @param onArchiveFailure what becomes of mail while the archive takes none
 * @param maxBadCommands after so many the connection is closed
 */
public record Pop3Route(
    boolean offerStls,
    UpstreamTls upstreamTls,
    MailboxChoice mailboxes,
    OnArchiveFailure onArchiveFailure,
    int maxBadCommands) {}
