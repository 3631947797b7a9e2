package io.postern.pop3;

import io.postern.wire.Networks;
import java.time.Duration;

/**
 * The POP3 service's settings.
 *
 * @param hostname the name that the greeting gives
 * @param bind the address to listen on
 * @param starttlsPort for STLS; 0 for any free port, -1 for none
 * @param tlsPort for implicit TLS (RFC 8314); 0 for any free port, -1 for none
 * @param idleTimeout how long a client may be silent, at least 10 minutes (RFC 1939, section 3)
 * @param stopTimeout how long commands in flight may go on once the service stops
 * @param maxConnections in all, on both ports together
 * @param maxConnectionsPerIp from one address
 * @param eventLoops how many threads serve each port
 * @param storeThreads for blocking calls to the store, and for opening what comes from it
 * @param fetchAheadBytes what all sessions together may hold of messages not yet asked for
 * @param loginFailureBurst how many logins from one network may fail in a row
 * @param loginFailureRefill how long until one more may
 * @param unlock what unlocking identities may take
 * @param balancers who must say in a PROXY header whom they speak for
 */
public record Pop3Config(
    String hostname,
    String bind,
    int starttlsPort,
    int tlsPort,
    Duration idleTimeout,
    Duration stopTimeout,
    int maxConnections,
    int maxConnectionsPerIp,
    int eventLoops,
    int storeThreads,
    long fetchAheadBytes,
    int loginFailureBurst,
    Duration loginFailureRefill,
    UnlockLimits unlock,
    Networks balancers) {
  private static final int MAX_EVENT_LOOPS = 4;
  private static final Duration MIN_IDLE_TIMEOUT = Duration.ofMinutes(10);

  public Pop3Config {
    if (idleTimeout.compareTo(MIN_IDLE_TIMEOUT) < 0) {
      throw new IllegalArgumentException("POP3 clients may be silent for 10 minutes (RFC 1939)");
    }
    if (eventLoops < 1 || storeThreads < 1) {
      throw new IllegalArgumentException("no connection could be served");
    }
    if (loginFailureBurst < 1 || loginFailureRefill.toMillis() < 1) {
      throw new IllegalArgumentException("no login would be possible");
    }
  }

  /** The defaults that fit this process. */
  public static Pop3Config defaults(String hostname, String bind, int starttlsPort, int tlsPort) {
    Runtime machine = Runtime.getRuntime();
    int maxLogN = 20;
    return new Pop3Config(
        hostname,
        bind,
        starttlsPort,
        tlsPort,
        MIN_IDLE_TIMEOUT,
        Duration.ofSeconds(10),
        1000,
        200,
        Math.min(machine.availableProcessors(), MAX_EVENT_LOOPS),
        16,
        machine.maxMemory() / 16,
        100,
        Duration.ofSeconds(5),
        UnlockLimits.fitting(machine.availableProcessors(), machine.maxMemory(), maxLogN),
        Networks.NONE);
  }
}
