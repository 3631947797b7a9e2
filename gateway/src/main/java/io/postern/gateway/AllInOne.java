package io.postern.gateway;

import io.postern.gateway.config.Settings;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailboxes;
import io.postern.maildrop.ObjectStore;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Map;

/** Every service of Postern in this process. Starting and closing block. */
public final class AllInOne implements AutoCloseable {
  private final Core core;
  private final Site site;
  private final Services services;
  private Future<TlsMaterial> certificate;

  private AllInOne(Core core) {
    this.core = core;
    this.site = core.closing().add(Site.own(core.settings(), this::readCertificate));
    this.services = new Services(core, site);
  }

  /**
   * Starts everything; mail is taken when this returns.
   *
   * @throws CommandFailure in one line what is wrong
   */
  public static AllInOne start(Settings settings) {
    Core core = new Core(settings);
    try {
      AllInOne postern = new AllInOne(core);
      postern.startServices();
      return postern;
    } catch (RuntimeException e) {
      core.close();
      throw e;
    }
  }

  /** Beside the start of Kafka, which mostly waits. */
  private void readCertificate() {
    certificate = core.certificateSoon().onSuccess(core::warmUp);
  }

  /** In the order of the way of a message, from its end: what is behind runs before more comes. */
  private void startServices() {
    TransitKeyFile transit = TransitKeyFile.of(core.settings(), core.random()).withFreshKeys();
    ObjectStore store = site.store();
    KafkaDirectory directory = services.directory();
    services.startStoreWorker(store);
    services.startCryptoWorker(transit.identities());
    services.startTruncation();
    TlsMaterial tls = Core.awaitStart(certificate);
    services.startPop3(store, tls);
    services.startIngest(transit.current(), tls);
    if (!core.settings().proxy().routes().isEmpty()) {
      services.startProxy(transit.current(), tls);
    }
    core.startHealth();
    Core.awaitStart(Future.fromCompletionStage(directory.whenReady()));
    core.started();
  }

  /** What listens where, for people: name → {@code host:port}. */
  public Map<String, String> addresses() {
    return core.addresses();
  }

  public int smtpStarttlsPort() {
    return core.port("SMTP STARTTLS");
  }

  public int pop3TlsPort() {
    return core.port("POP3 TLS");
  }

  /** The self-signed certificate, or the one of the settings. */
  public Path certificateFile() {
    Settings settings = core.settings();
    return settings.tls().certificate() == null
        ? settings.data().resolve("tls/certificate.pem")
        : settings.tls().certificate();
  }

  /** What makes and changes mailboxes here. */
  public Mailboxes mailboxes() {
    return site.mailboxes(services.directory(), core.random());
  }

  /** Stops the listeners, then lets the workers finish what they hold, then the rest. */
  @Override
  public void close() {
    core.close();
  }
}
