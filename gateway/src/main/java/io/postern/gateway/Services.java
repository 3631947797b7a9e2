package io.postern.gateway;

import io.postern.age.Identity;
import io.postern.crypto.CryptoWorker;
import io.postern.ingest.Ingest;
import io.postern.mailbox.KafkaDirectory;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.BoundedRawTopic;
import io.postern.pipeline.CopiedTopic;
import io.postern.pipeline.KafkaLedger;
import io.postern.pipeline.Outbox;
import io.postern.pipeline.RawSettings;
import io.postern.pipeline.RawTopic;
import io.postern.pipeline.RawTruncation;
import io.postern.pipeline.SealedRawTopic;
import io.postern.pipeline.TransitKey;
import io.postern.pop3.Pop3Frontend;
import io.postern.proxy.Proxy;
import io.postern.store.StoreWorker;
import io.postern.wire.TlsMaterial;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires the services by hand, each from what it needs and nothing else. Any of them may run in this
 * process; all that were started are closed with the {@link Core}, the last first. Starting blocks.
 */
final class Services {
  private static final Logger LOG = LoggerFactory.getLogger(Services.class);
  private static final Duration TRUNCATION_INTERVAL = Duration.ofSeconds(5);
  private static final Duration BACKLOG_INTERVAL = Duration.ofSeconds(2);
  private static final Duration LEDGER_PATIENCE = Duration.ofSeconds(30);

  /** 16 octets each, twice over; the topic holds those of more than a year. */
  private static final int REMEMBERED_COPIES = 500_000;

  private final Core core;
  private final Site site;
  private final ServiceConfigs configs;
  private final KafkaLedger ledger;
  private KafkaDirectory directory;
  private volatile RawTopic raw;

  Services(Core core, Site site) {
    this.core = core;
    this.site = site;
    this.configs = new ServiceConfigs(core.settings(), core.hostname());
    this.ledger = core.closing().add(new KafkaLedger(site.kafka(), site.topics(), LEDGER_PATIENCE));
  }

  /** The view of the mailboxes, which this process is not ready without. */
  KafkaDirectory directory() {
    if (directory == null) {
      directory = site.directory();
      core.readyWhile(directory::ready);
      directory.whenReady().thenRun(this::sayWhereThereIsNobody);
    }
    return directory;
  }

  private void sayWhereThereIsNobody() {
    if (directory.all().isEmpty()) {
      LOG.info(
          "Kafka knows no mailbox: senders are asked to try again until one is made"
              + " (postern mailbox create) or, where Kafka was lost, made known again"
              + " (postern recover directory)");
    }
  }

  void startStoreWorker(ObjectStore store) {
    core.run(
        () -> {
          StoreWorker worker =
              new StoreWorker(
                  site.kafka(),
                  site.topics(),
                  configs.store(site.groupProtocol()),
                  store,
                  ledger,
                  core.clock(),
                  core.registry(),
                  this::sendersWait);
          worker.start();
          return worker;
        });
  }

  /**
   * @param transit the identities of the transit keys, the current one first
   */
  void startCryptoWorker(List<Identity> transit) {
    KafkaDirectory mailboxes = directory();
    core.run(
        () -> {
          CryptoWorker worker =
              new CryptoWorker(
                  site.kafka(),
                  site.topics(),
                  configs.crypto(site.groupProtocol()),
                  transit,
                  mailboxes,
                  ledger,
                  core.clock(),
                  core.random(),
                  core.registry(),
                  this::sendersWait);
          worker.start();
          return worker;
        });
  }

  /** Whoever takes mail in this process comes before the workers. */
  private boolean sendersWait() {
    return raw != null && raw.sendersWait();
  }

  /** Any number of processes may do this. */
  void startTruncation() {
    core.closing()
        .add(new RawTruncation(site.kafka().clients(), site.topics(), TRUNCATION_INTERVAL))
        .start();
  }

  void startPop3(ObjectStore store, TlsMaterial certificate) {
    Pop3Frontend frontend =
        new Pop3Frontend(
            core.vertx(),
            configs.pop3(),
            new Pop3Frontend.Parts(
                store,
                directory(),
                ledger,
                certificate,
                core.registry(),
                core.clock(),
                core.random()));
    core.closing().add(() -> Core.awaitStop(frontend.stop()));
    Core.awaitStart(frontend.start());
    core.listens("POP3 STLS", frontend.starttlsPort());
    core.listens("POP3 TLS", frontend.tlsPort());
  }

  /** Where messages enter, for whoever takes some; with an end to what may wait. */
  private RawTopic rawTopic(TransitKey transit) {
    RawSettings raw = configs.raw();
    Outbox outbox = core.closing().add(SealedRawTopic.outbox(site.kafka(), raw));
    BoundedRawTopic bounded =
        core.closing()
            .add(
                new BoundedRawTopic(
                    new SealedRawTopic(
                        outbox, site.topics(), raw, () -> transit, core.clock(), core.random()),
                    site.kafka().clients(),
                    site.topics(),
                    core.settings().kafka().maxBacklogSlices(),
                    BACKLOG_INTERVAL,
                    core.registry()));
    bounded.start();
    return bounded;
  }

  /**
   * @param transit whom to seal to
   */
  void startIngest(TransitKey transit, TlsMaterial certificate) {
    Ingest ingest =
        new Ingest(
            core.vertx(),
            configs.ingest(),
            new Ingest.Parts(
                directory(), raw(transit), ledger, certificate, core.registry(), core.clock()));
    core.closing().add(() -> Core.awaitStop(ingest.stop()));
    Core.awaitStart(ingest.start());
    core.listens("SMTP STARTTLS", ingest.starttlsPort());
    core.listens("SMTP TLS", ingest.tlsPort());
  }

  /**
   * @param transit whom to seal to
   * @param certificate for routes without their own
   */
  void startProxy(TransitKey transit, TlsMaterial certificate) {
    CopiedTopic copied =
        core.closing()
            .add(
                new CopiedTopic(
                    site.kafka().clients(),
                    site.topics(),
                    REMEMBERED_COPIES,
                    configs.raw().patience()));
    core.readyWhile(copied::ready);
    Proxy proxy =
        new Proxy(
            core.vertx(),
            configs.proxy(certificate),
            new Proxy.Parts(
                directory(), raw(transit), ledger, copied, core.registry(), core.clock()));
    core.closing().add(() -> Core.awaitStop(proxy.stop()));
    Core.awaitStart(proxy.start());
    proxy.ports().forEach((route, port) -> core.listens("proxy " + route, port));
  }

  /** One producer for all who take mail here. */
  private RawTopic raw(TransitKey transit) {
    if (raw == null) {
      raw = rawTopic(transit);
    }
    return raw;
  }
}
