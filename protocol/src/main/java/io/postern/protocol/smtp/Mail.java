package io.postern.protocol.smtp;

import io.postern.protocol.Tls;
import java.util.List;

/**
 * What is known of a message before its first octet.
 *
 * @param from the reverse path, empty for {@code <>}
 * @param recipients those that were accepted, as the client wrote them, in its order
 * @param helo what the client calls itself
 * @param protocol for a trace header's {@code with}: SMTP, ESMTP, ESMTPS (RFC 3848), UTF8SMTP,
 *     UTF8SMTPS (RFC 6531)
 * @param tls how the connection is protected
 */
public record Mail(String from, List<String> recipients, String helo, String protocol, Tls tls) {}
