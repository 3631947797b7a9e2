package io.postern.proxy;

import io.postern.wire.ClientTls;
import io.postern.wire.Networks;
import io.postern.wire.TlsMaterial;
import java.time.Duration;
import java.util.Locale;

/**
 * A port of ours and the mail server behind it.
 *
 * @param name for logs, metrics and trace headers
 * @param port to listen on, 0 for any free one
 * @param certificate what clients are shown
 * @param mailboxes which mailbox gets a copy
 * @param balancers who must announce each client by a PROXY header
 */
public record Route(
    String name,
    Protocol protocol,
    int port,
    TlsMaterial certificate,
    Server server,
    MailboxChoice mailboxes,
    OnArchiveFailure onArchiveFailure,
    Limits limits,
    Networks balancers) {

  /** What is spoken on both sides, and how our side begins. */
  public enum Protocol {
    SMTP(false),
    /** SMTP for one's own users (RFC 6409): no mail before TLS. */
    SUBMISSION(false),
    SMTPS(true),
    POP3(false),
    POP3S(true);

    private final boolean implicitTls;

    Protocol(boolean implicitTls) {
      this.implicitTls = implicitTls;
    }

    public boolean implicitTls() {
      return implicitTls;
    }

    public boolean isPop3() {
      return this == POP3 || this == POP3S;
    }
  }

  /**
   * The real mail server.
   *
   * @param trust how its certificate is checked; null where there is no TLS
   * @param connectTimeout for the connection, and again for the handshake
   * @param silenceTimeout how long it may take for an answer; longer than a client may be idle, so
   *     that it is never the server who is blamed for that
   */
  public record Server(
      String host,
      int port,
      UpstreamTls tls,
      ClientTls trust,
      Duration connectTimeout,
      Duration silenceTimeout) {
    /**
     * Whose accounts these are. A host has one POP3 server on the two usual ports; what listens on
     * others may be another.
     */
    String accounts() {
      String name = host.toLowerCase(Locale.ROOT);
      return port == 110 || port == 995 ? name : name + ":" + port;
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * Limits of the route and of each client address.
   *
   * @param maxPerMinutePerClient messages by SMTP, sessions by POP3
   * @param maxMessageBytes by SMTP
   * @param maxRecipients of one message
   */
  public record Limits(
      int maxConnections,
      int maxConnectionsPerClient,
      int maxPerMinutePerClient,
      long maxMessageBytes,
      int maxRecipients,
      Duration idleTimeout) {}

  public Route {
    if (server.silenceTimeout().compareTo(limits.idleTimeout()) <= 0) {
      throw new IllegalArgumentException(
          name + ": the server must be given more time than the client");
    }
  }
}
