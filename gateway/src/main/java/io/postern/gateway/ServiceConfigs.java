package io.postern.gateway;

import io.postern.crypto.CryptoSettings;
import io.postern.gateway.config.Settings;
import io.postern.ingest.IngestConfig;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.work.WorkerSettings;
import io.postern.pop3.Pop3Config;
import io.postern.pop3.UnlockLimits;
import io.postern.protocol.smtp.SmtpSettings;
import io.postern.proxy.ProxyConfig;
import io.postern.store.StoreSettings;
import io.postern.wire.Networks;
import io.postern.wire.TlsMaterial;
import java.time.Duration;

/** Each service's own settings out of the settings of all. */
final class ServiceConfigs {
  private final Settings settings;
  private final String hostname;

  ServiceConfigs(Settings settings, String hostname) {
    this.settings = settings;
    this.hostname = hostname;
  }

  StoreSettings store(String groupProtocol) {
    return new StoreSettings(
        StoreSettings.DEFAULT.workers(), settings.workers().storeThreads(), worker(groupProtocol));
  }

  CryptoSettings crypto(String groupProtocol) {
    return new CryptoSettings(
        CryptoSettings.DEFAULT.workers(), CryptoSettings.DEFAULT.patience(), worker(groupProtocol));
  }

  private WorkerSettings worker(String groupProtocol) {
    WorkerSettings usual = WorkerSettings.DEFAULT;
    return new WorkerSettings(
        settings.workers().memoryBytes(),
        usual.inFlightBytes(),
        senderTimeout(),
        usual.commitInterval(),
        usual.handOver(),
        usual.ledgerSlack(),
        usual.recentCopies(),
        groupProtocol);
  }

  Pop3Config pop3() {
    Settings.Pop3 pop3 = settings.pop3();
    Pop3Config usual =
        Pop3Config.defaults(hostname, settings.bind(), pop3.starttlsPort(), pop3.tlsPort());
    return new Pop3Config(
        hostname,
        usual.bind(),
        usual.starttlsPort(),
        usual.tlsPort(),
        Duration.ofSeconds(pop3.idleTimeoutS()),
        usual.stopTimeout(),
        pop3.maxConnections(),
        pop3.maxConnectionsPerClient(),
        usual.eventLoops(),
        usual.storeThreads(),
        usual.fetchAheadBytes(),
        usual.loginFailureBurst(),
        usual.loginFailureRefill(),
        unlockLimits(),
        balancers("pop3.proxy-protocol-from", pop3.proxyProtocolFrom()));
  }

  private UnlockLimits unlockLimits() {
    Runtime machine = Runtime.getRuntime();
    return UnlockLimits.fitting(
        machine.availableProcessors(), machine.maxMemory(), settings.unlock().maxWorkFactor());
  }

  RawSettings raw() {
    RawSettings usual = RawSettings.DEFAULT;
    return new RawSettings(
        usual.sliceBytes(),
        usual.maxUnacknowledged(),
        usual.maxInFlightBytes(),
        Duration.ofSeconds(settings.kafka().acknowledgeTimeoutS()),
        keepAlive(),
        senderTimeout());
  }

  private Duration senderTimeout() {
    return Duration.ofSeconds(settings.workers().senderTimeoutS());
  }

  /** Well within what the workers wait. */
  private Duration keepAlive() {
    Duration usual = RawSettings.DEFAULT.keepAlive();
    Duration quarter = senderTimeout().dividedBy(4);
    return usual.compareTo(quarter) < 0 ? usual : quarter;
  }

  /**
   * @param site the certificate of the settings, for routes without their own
   * @throws CommandFailure in one line which route's files are not sound
   */
  ProxyConfig proxy(TlsMaterial site) {
    IngestConfig usual = IngestConfig.defaults(hostname, settings.bind(), -1, -1);
    return new ProxyConfig(
        hostname,
        settings.bind(),
        settings.proxy().routes().stream().map(route -> ProxyRoutes.of(route, site)).toList(),
        usual.stopTimeout(),
        usual.eventLoops(),
        keepAlive(),
        settings.traceHeaders().on());
  }

  IngestConfig ingest() {
    Settings.Smtp smtp = settings.smtp();
    IngestConfig usual =
        IngestConfig.defaults(hostname, settings.bind(), smtp.starttlsPort(), smtp.tlsPort());
    SmtpSettings sessions =
        new SmtpSettings(
            hostname,
            smtp.maxMessageSizeBytes(),
            smtp.maxRecipients(),
            usual.smtp().maxBadCommands(),
            smtp.bareLineEndings().protocol(),
            smtp.requireTls().on());
    return new IngestConfig(
        sessions,
        usual.bind(),
        usual.starttlsPort(),
        usual.tlsPort(),
        smtp.maxConnections(),
        smtp.maxConnectionsPerClient(),
        Duration.ofSeconds(smtp.idleTimeoutS()),
        usual.stopTimeout(),
        usual.eventLoops(),
        settings.traceHeaders().on(),
        balancers("smtp.proxy-protocol-from", smtp.proxyProtocolFrom()));
  }

  private static Networks balancers(String key, String text) {
    try {
      return Networks.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(key + ": " + e.getMessage(), e);
    }
  }
}
