package io.postern.bench.race;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A mail server behind the proxies of a {@code postern run} that archives everything: what is
 * measured holds the sealing and storing of the copies, too.
 */
final class Proxied implements Contender {
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  /** Less CPU than this in an interval is idling. */
  private static final Duration IDLE_CPU = Duration.ofMillis(50);

  private static final int MAX_LOOKS = 240;

  private final PosternProcess postern;
  private final Contender server;

  private Proxied(PosternProcess postern, Contender server) {
    this.postern = postern;
    this.server = server;
  }

  /**
   * Starts the proxies.
   *
   * @param launcher the {@code postern} script
   * @param data where Postern keeps everything
   * @param server what stands behind them; it is the caller's
   */
  static Proxied start(Path launcher, Path data, Contender server) {
    return new Proxied(
        PosternProcess.start(launcher, data, Map.of("POSTERN_PROXY_ROUTES", routes(server))),
        server);
  }

  private static String routes(Contender server) {
    StringBuilder routes =
        new StringBuilder("[").append(route("out", "smtp", server.smtp(), server));
    if (server.pop3() != null) {
      routes.append(", ").append(route("in", "pop3", server.pop3(), server));
    }
    return routes.append(']').toString();
  }

  private static String route(String name, String protocol, String address, Contender server) {
    int colon = address.lastIndexOf(':');
    String tls = server.starttls() ? "starttls, ca-file: " + Peer.certificate() : "none";
    return """
        {name: %s, protocol: %s, port: 0, mailbox: u0@%s, upstream: {host: %s, port: %s, tls: %s}}"""
        .formatted(
            name,
            protocol,
            Mailboxes.DOMAIN,
            address.substring(0, colon),
            address.substring(colon + 1),
            tls);
  }

  @Override
  public String name() {
    return "proxy";
  }

  @Override
  public String smtp() {
    return postern.address("proxy out");
  }

  @Override
  public boolean starttls() {
    return server.starttls();
  }

  @Override
  public String pop3() {
    return postern.address("proxy in");
  }

  @Override
  public String pids() {
    return postern.pids() + "," + server.pids();
  }

  @Override
  public String login() {
    return server.login();
  }

  /** Workers are behind: what they have still to do must not slow the server's own run. */
  @Override
  public void awaitQuiet() {
    Duration before = postern.cpuTime();
    for (int look = 0; look < MAX_LOOKS; look++) {
      pause();
      Duration now = postern.cpuTime();
      if (now.minus(before).compareTo(IDLE_CPU) < 0) {
        return;
      }
      before = now;
    }
    throw new RaceException("the proxy's Postern does not come to rest");
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RaceException("interrupted", e);
    }
  }

  @Override
  public void close() {
    postern.close();
  }
}
