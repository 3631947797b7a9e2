package io.postern.gateway;

import io.postern.gateway.config.ProxySettings.RouteSettings;
import io.postern.gateway.config.ProxySettings.ServerSettings;
import io.postern.proxy.MailboxChoice;
import io.postern.proxy.Route;
import io.postern.proxy.UpstreamTls;
import io.postern.wire.ClientTls;
import io.postern.wire.Networks;
import io.postern.wire.TlsMaterial;
import java.io.IOException;
import java.time.Duration;

/** Routes out of their settings: reads the files that these name. */
final class ProxyRoutes {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);

  /** RFC 5321, section 4.5.3.2.6: so long may a server take after the final dot. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private static final Duration LONGER_THAN_THE_CLIENT = Duration.ofMinutes(1);

  private ProxyRoutes() {}

  /**
   * @param site the certificate for routes without their own
   * @throws CommandFailure in one line which file is not sound
   */
  static Route of(RouteSettings settings, TlsMaterial site) {
    try {
      return new Route(
          settings.name(),
          settings.protocol(),
          settings.port(),
          settings.certificate() == null
              ? site
              : TlsMaterial.of(settings.certificate(), settings.key()),
          server(settings),
          new MailboxChoice(settings.mailbox(), settings.users(), settings.senderDomains()),
          settings.onArchiveFailure(),
          new Route.Limits(
              settings.maxConnections(),
              settings.maxConnectionsPerClient(),
              settings.maxPerMinutePerClient(),
              settings.maxMessageSizeBytes(),
              settings.maxRecipients(),
              Duration.ofSeconds(settings.idleTimeoutS())),
          Networks.parse(settings.proxyProtocolFrom()));
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailure("proxy.routes: " + settings.name() + ": " + e.getMessage(), e);
    }
  }

  /** The real mail server. */
  static Route.Server server(RouteSettings settings) throws IOException {
    ServerSettings upstream = settings.upstream();
    Duration patience = Duration.ofSeconds(settings.idleTimeoutS()).plus(LONGER_THAN_THE_CLIENT);
    return new Route.Server(
        upstream.host(),
        upstream.port(),
        upstream.tls(),
        trust(upstream),
        CONNECT_TIMEOUT,
        patience.compareTo(SILENCE) > 0 ? patience : SILENCE);
  }

  /** How the server's certificate is checked; null where there is no TLS. */
  private static ClientTls trust(ServerSettings upstream) throws IOException {
    if (upstream.tls() == UpstreamTls.NONE) {
      return null;
    }
    if (upstream.fingerprint() != null) {
      return ClientTls.fingerprint(upstream.fingerprint());
    }
    return upstream.caFile() == null
        ? ClientTls.systemAuthorities()
        : ClientTls.authorities(upstream.caFile());
  }
}
