package io.postern.ingest;

import io.postern.protocol.smtp.SmtpSettings;
import io.postern.wire.Networks;
import java.time.Duration;

/**
 * The settings of SMTP in.
 *
 * @param smtp what sessions keep to
 * @param bind the address to listen on
 * @param starttlsPort for STARTTLS (RFC 3207); 0 for any free port, -1 for none
 * @param tlsPort for implicit TLS (RFC 8314); 0 for any free port, -1 for none
 * @param maxConnections in all, on both ports together
 * @param maxConnectionsPerIp from one address
 * @param idleTimeout how long a client may be silent, at least 5 minutes by RFC 5321, section
 *     4.5.3.2.7
 * @param stopTimeout how long a message under way may take once the service stops
 * @param eventLoops how many threads serve each port
 * @param traceHeaders whether stored messages get Return-Path, Received and X-Envelope headers
 * @param balancers who must say in a PROXY header whom they speak for
 */
public record IngestConfig(
    SmtpSettings smtp,
    String bind,
    int starttlsPort,
    int tlsPort,
    int maxConnections,
    int maxConnectionsPerIp,
    Duration idleTimeout,
    Duration stopTimeout,
    int eventLoops,
    boolean traceHeaders,
    Networks balancers) {
  private static final int MAX_EVENT_LOOPS = 4;

  public IngestConfig {
    if (eventLoops < 1) {
      throw new IllegalArgumentException("no connection could be served");
    }
  }

  /** The defaults that fit this machine. */
  public static IngestConfig defaults(String hostname, String bind, int starttlsPort, int tlsPort) {
    return new IngestConfig(
        SmtpSettings.of(hostname),
        bind,
        starttlsPort,
        tlsPort,
        2000,
        2000,
        Duration.ofMinutes(5),
        Duration.ofSeconds(30),
        Math.min(Runtime.getRuntime().availableProcessors(), MAX_EVENT_LOOPS),
        true,
        Networks.NONE);
  }
}
