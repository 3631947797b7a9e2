package io.postern.gateway.config;

import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Route.Protocol;
import io.postern.proxy.UpstreamTls;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The proxies: {@code proxy.routes}, a list.
 *
 * @param routes none by default: then there is no proxy
 */
public record ProxySettings(List<RouteSettings> routes) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[?::1]?");

  public ProxySettings {
    routes = routes == null ? List.of() : routes.stream().map(RouteSettings::completed).toList();
    Set<String> names = new HashSet<>();
    for (RouteSettings route : routes) {
      require(names.add(route.name()), route.name(), "two routes have this name");
    }
  }

  /**
   * A port and the mail server behind it.
   *
   * @param name lower-case letters, digits and hyphens; for logs, metrics and trace headers
   * @param port to listen on; 0: any free one
   * @param certificate what clients are shown, PEM; without it that of {@code tls.certificate}
   * @param key its private key
   * @param mailbox the address of the mailbox that receives the copies
   * @param users authenticated user → mailbox, asked first
   * @param senderDomains domain of the sender → mailbox, asked second
   * @param maxPerMinutePerClient messages by SMTP, sessions by POP3
   * @param maxMessageSizeBytes by SMTP
   * @param maxRecipients of one message
   * @param idleTimeoutS how long a client may be silent
   * @param proxyProtocolFrom addresses and networks, separated by commas, of balancers that must
   *     announce each client by a PROXY header
   */
  public record RouteSettings(
      String name,
      Protocol protocol,
      Integer port,
      Path certificate,
      Path key,
      ServerSettings upstream,
      String mailbox,
      Map<String, String> users,
      Map<String, String> senderDomains,
      OnArchiveFailure onArchiveFailure,
      Integer maxConnections,
      Integer maxConnectionsPerClient,
      Integer maxPerMinutePerClient,
      Long maxMessageSizeBytes,
      Integer maxRecipients,
      Integer idleTimeoutS,
      String proxyProtocolFrom) {

    private static final int MAX_RECIPIENTS = 1000;

    /**
     * Checked, and with defaults; not before all keys are read, so that unknown ones come first.
     */
    RouteSettings completed() {
      require(name != null && NAME.matcher(name).matches(), name, "a name is made of a-z, 0-9, -");
      require(protocol != null, name, "protocol is missing: smtp, submission, smtps, pop3, pop3s");
      require(port != null && port >= 0 && port <= 65_535, name, "port is missing or none");
      require((certificate == null) == (key == null), name, "certificate and key go together");
      require(upstream != null, name, "upstream is missing");
      require(isAddress(mailbox), name, "mailbox must be an address");
      long size = Objects.requireNonNullElse(maxMessageSizeBytes, 250L << 20);
      require(size >= 64 << 10, name, "max-message-size-bytes: at least 65536");
      int recipients = limit(maxRecipients, MAX_RECIPIENTS, name, "max-recipients");
      require(recipients <= MAX_RECIPIENTS, name, "max-recipients: at most " + MAX_RECIPIENTS);
      return new RouteSettings(
          name,
          protocol,
          port,
          certificate,
          key,
          upstream.completed(name, protocol),
          mailbox,
          addresses(users, "users"),
          addresses(senderDomains, "sender-domains"),
          Objects.requireNonNullElse(onArchiveFailure, OnArchiveFailure.REJECT),
          limit(maxConnections, 1000, name, "max-connections"),
          limit(maxConnectionsPerClient, 200, name, "max-connections-per-client"),
          limit(maxPerMinutePerClient, 6000, name, "max-per-minute-per-client"),
          size,
          recipients,
          limit(idleTimeoutS, protocol.isPop3() ? 600 : 300, name, "idle-timeout-s"),
          Objects.requireNonNullElse(proxyProtocolFrom, ""));
    }

    private Map<String, String> addresses(Map<String, String> table, String what) {
      Map<String, String> addresses = table == null ? Map.of() : Map.copyOf(table);
      for (String address : addresses.values()) {
        require(isAddress(address), name, what + ": " + address + " is no address");
      }
      return addresses;
    }

    private static int limit(Integer value, int otherwise, String route, String key) {
      int limit = value == null ? otherwise : value;
      require(limit > 0, route, key + ": at least 1");
      return limit;
    }

    private static boolean isAddress(String text) {
      return text != null && text.indexOf('@') > 0 && !text.endsWith("@");
    }
  }

  /**
   * The real mail server. Its certificate is checked by the authorities of the system, by those of
   * a file, or by its fingerprint.
   *
   * @param port without it the protocol's usual one
   * @param tls without it implicit for smtps and pop3s, starttls for the others; none only to this
   *     machine
   * @param caFile PEM
   * @param fingerprint SHA-256 of the server's own certificate, in hexadecimal
   */
  public record ServerSettings(
      String host, Integer port, UpstreamTls tls, Path caFile, String fingerprint) {

    ServerSettings completed(String route, Protocol protocol) {
      require(host != null && !host.isBlank(), route, "upstream.host is missing");
      int usual =
          switch (protocol) {
            case SMTP -> 25;
            case SUBMISSION -> 587;
            case SMTPS -> 465;
            case POP3 -> 110;
            case POP3S -> 995;
          };
      int number = port == null ? usual : port;
      require(number > 0 && number <= 65_535, route, "upstream.port: " + number + " is none");
      UpstreamTls mode =
          tls != null ? tls : protocol.implicitTls() ? UpstreamTls.IMPLICIT : UpstreamTls.STARTTLS;
      require(
          mode != UpstreamTls.NONE || LOOPBACK.matcher(host).matches(),
          route,
          "upstream.tls: none is for servers on this machine only, by 127.0.0.1, ::1 or localhost");
      require(
          caFile == null || fingerprint == null,
          route,
          "upstream.ca-file and upstream.fingerprint: set one of them");
      return new ServerSettings(host, number, mode, caFile, fingerprint);
    }
  }

  private static void require(boolean condition, String route, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(
          "proxy.routes: " + (route == null ? "a route without a name" : route) + ": " + otherwise);
    }
  }
}
