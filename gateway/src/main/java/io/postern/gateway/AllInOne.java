package io.postern.gateway;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postern.crypto.CryptoSettings;
import io.postern.crypto.CryptoVerticle;
import io.postern.crypto.CryptoWorker;
import io.postern.gateway.config.Settings;
import io.postern.ingest.Ingest;
import io.postern.ingest.IngestConfig;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailboxes;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.KafkaOutbox;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.RawTruncation;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.work.WorkerSettings;
import io.postern.pop3.Pop3Config;
import io.postern.pop3.Pop3Frontend;
import io.postern.pop3.UnlockLimits;
import io.postern.protocol.smtp.SmtpSettings;
import io.postern.store.StoreSettings;
import io.postern.store.StoreVerticle;
import io.postern.store.StoreWorker;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Every service of Postern in this process, wired by hand. Starting and closing block. */
public final class AllInOne implements AutoCloseable {
  private static final Duration TRUNCATION_INTERVAL = Duration.ofSeconds(5);
  private static final Duration LEDGER_PATIENCE = Duration.ofSeconds(30);
  private static final int START_TIMEOUT_S = 60;
  private static final int STOP_TIMEOUT_S = 60;

  private final Settings settings;
  private final String hostname;
  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock = InstantSource.system();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Closing closing = new Closing();
  private final Vertx vertx;
  private final Site site;
  private final KafkaDirectory directory;
  private final TlsMaterial certificate;
  private Ingest ingest;
  private Pop3Frontend pop3;
  private HealthServer health;

  private AllInOne(Settings settings) {
    this.settings = settings;
    this.hostname = settings.hostname().isEmpty() ? machineName() : settings.hostname();
    this.site = closing.add(Site.own(settings));
    this.directory = site.directory();
    this.vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    closing.add(() -> await(vertx.close(), STOP_TIMEOUT_S));
    this.certificate = certificate();
  }

  /**
   * Starts everything; mail is taken when this returns.
   *
   * @throws CommandFailure in one line what is wrong
   */
  public static AllInOne start(Settings settings) {
    AllInOne postern = new AllInOne(settings);
    try {
      postern.startServices();
      return postern;
    } catch (RuntimeException e) {
      postern.close();
      throw e;
    }
  }

  /** In the order of the way of a message, from its end: what is behind runs before more comes. */
  private void startServices() {
    new JvmMemoryMetrics().bindTo(registry);
    closing.add(new JvmGcMetrics()).bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    KafkaLedger ledger = closing.add(new KafkaLedger(site.kafka(), site.topics(), LEDGER_PATIENCE));
    RawTruncation truncation =
        closing.add(new RawTruncation(site.kafka(), site.topics(), TRUNCATION_INTERVAL));
    TransitKeyFile transit = TransitKeyFile.of(settings, random);
    deploy(new StoreVerticle(() -> storeWorker(ledger)));
    deploy(new CryptoVerticle(() -> cryptoWorker(transit, ledger)));
    truncation.start();
    pop3 = startPop3(ledger);
    ingest = startIngest(transit, ledger);
    startHealth();
    await(Future.fromCompletionStage(directory.whenReady()), START_TIMEOUT_S);
  }

  private StoreWorker storeWorker(KafkaLedger ledger) {
    StoreSettings workers =
        new StoreSettings(
            StoreSettings.DEFAULT.workers(), settings.workers().storeThreads(), workerSettings());
    return new StoreWorker(
        site.kafka(), site.topics(), workers, site.store(), ledger, clock, registry);
  }

  private CryptoWorker cryptoWorker(TransitKeyFile transit, KafkaLedger ledger) {
    CryptoSettings workers =
        new CryptoSettings(
            CryptoSettings.DEFAULT.workers(), CryptoSettings.DEFAULT.patience(), workerSettings());
    return new CryptoWorker(
        site.kafka(),
        site.topics(),
        workers,
        transit.identities(),
        directory,
        ledger,
        clock,
        random,
        registry);
  }

  private WorkerSettings workerSettings() {
    WorkerSettings usual = WorkerSettings.DEFAULT;
    return new WorkerSettings(
        settings.workers().memoryBytes(),
        usual.inFlightBytes(),
        usual.senderTimeout(),
        usual.commitInterval(),
        usual.handOver(),
        usual.ledgerSlack(),
        usual.recentCopies(),
        usual.groupProtocol());
  }

  private Pop3Frontend startPop3(KafkaLedger ledger) {
    Pop3Frontend frontend =
        new Pop3Frontend(
            vertx,
            pop3Config(),
            new Pop3Frontend.Parts(
                site.store(), directory, ledger, certificate, registry, clock, random));
    closing.add(() -> await(frontend.stop(), STOP_TIMEOUT_S));
    await(frontend.start(), START_TIMEOUT_S);
    return frontend;
  }

  private Pop3Config pop3Config() {
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
        unlockLimits());
  }

  private UnlockLimits unlockLimits() {
    Runtime machine = Runtime.getRuntime();
    return UnlockLimits.fitting(
        machine.availableProcessors(), machine.maxMemory(), settings.unlock().maxWorkFactor());
  }

  private Ingest startIngest(TransitKeyFile transit, KafkaLedger ledger) {
    RawSettings usual = RawSettings.DEFAULT;
    RawSettings raw =
        new RawSettings(
            usual.sliceBytes(),
            usual.maxUnacknowledged(),
            Duration.ofSeconds(settings.kafka().acknowledgeTimeoutS()),
            usual.keepAlive(),
            usual.senderTimeout());
    KafkaOutbox outbox = closing.add(SealedRawTopic.outbox(site.kafka(), raw));
    SealedRawTopic rawTopic =
        new SealedRawTopic(outbox, site.topics(), raw, transit::current, clock, random);
    Ingest service =
        new Ingest(
            vertx,
            ingestConfig(),
            new Ingest.Parts(directory, rawTopic, ledger, certificate, registry, clock));
    closing.add(() -> await(service.stop(), STOP_TIMEOUT_S));
    await(service.start(), START_TIMEOUT_S);
    return service;
  }

  private IngestConfig ingestConfig() {
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
            false);
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
        settings.traceHeaders().on());
  }

  private void startHealth() {
    if (settings.health().port() >= 0) {
      health =
          new HealthServer(settings.bind(), settings.health().port(), directory::ready, registry);
      deploy(health);
    }
  }

  private void deploy(Deployable verticle) {
    String id = await(vertx.deployVerticle(verticle), START_TIMEOUT_S);
    closing.add(() -> await(vertx.undeploy(id), STOP_TIMEOUT_S));
  }

  private TlsMaterial certificate() {
    Settings.Tls tls = settings.tls();
    try {
      return tls.certificate() == null
          ? TlsMaterial.selfSigned(settings.data().resolve("tls"), hostname, random, clock)
          : TlsMaterial.of(tls.certificate(), tls.key());
    } catch (IOException e) {
      closing.close();
      throw new CommandFailure("certificate: " + e.getMessage(), e);
    }
  }

  private static String machineName() {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static <T> T await(Future<T> future, int seconds) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(seconds, TimeUnit.SECONDS)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BindException) {
        throw new CommandFailure(
            e.getCause().getMessage() + ": set another port, or 0 for any free one", e.getCause());
      }
      throw new CommandFailure(String.valueOf(e.getCause().getMessage()), e.getCause());
    }
  }

  /** What listens where, for people: name → {@code host:port}. */
  public Map<String, String> addresses() {
    Map<String, Integer> ports = new LinkedHashMap<>();
    ports.put("SMTP STARTTLS", smtpStarttlsPort());
    ports.put("SMTP TLS", ingest.tlsPort());
    ports.put("POP3 STLS", pop3.starttlsPort());
    ports.put("POP3 TLS", pop3TlsPort());
    ports.put("health", health == null ? -1 : health.port());
    Map<String, String> addresses = new LinkedHashMap<>();
    ports.forEach(
        (name, port) -> {
          if (port >= 0) {
            addresses.put(name, settings.bind() + ":" + port);
          }
        });
    return addresses;
  }

  public int smtpStarttlsPort() {
    return ingest.starttlsPort();
  }

  public int pop3TlsPort() {
    return pop3.tlsPort();
  }

  /** The self-signed certificate, or the one of the settings. */
  public Path certificateFile() {
    return settings.tls().certificate() == null
        ? settings.data().resolve("tls/certificate.pem")
        : settings.tls().certificate();
  }

  /** What makes and changes mailboxes here. */
  public Mailboxes mailboxes() {
    return site.mailboxes(directory, random);
  }

  /** Stops the listeners, then lets the workers finish what they hold, then the rest. */
  @Override
  public void close() {
    closing.close();
  }
}
