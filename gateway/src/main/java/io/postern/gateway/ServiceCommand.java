package io.postern.gateway;

import io.postern.age.Identity;
import io.postern.gateway.Waiting.NotYetException;
import io.postern.gateway.Waiting.StoppedException;
import io.postern.gateway.cli.Options;
import io.postern.gateway.cli.SettingsOptions;
import io.postern.gateway.config.Settings;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.TransitKey;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One service in a process of its own, on a cluster: waits for what others must have made, runs
 * until it is told to stop, and needs no right that its work does not need. The services come after
 * it in this file; one more is one more of these, a line in {@link Postern} and a name in {@link
 * Rehearsal}.
 */
abstract class ServiceCommand {
  private static final Duration REPEAT = Duration.ofSeconds(30);
  private static final Map<String, String> DEFAULTS = Map.of("bind", "0.0.0.0");

  private final String description;

  ServiceCommand(String description) {
    this.description = description;
  }

  /** To be put under another. */
  CommandSpec spec() {
    return Options.command(
        description,
        options -> {
          Supplier<Settings> settings = SettingsOptions.of(options, DEFAULTS);
          return () -> run(settings, options.out());
        });
  }

  /** Waits for what the service needs, and starts it. */
  abstract void start(Core core, Prerequisites needed);

  /** Kafka and the services upon it; closed with the process. */
  static Services services(Core core, Site site) {
    return new Services(core, core.closing().add(site));
  }

  private int run(Supplier<Settings> settings, PrintWriter out) throws InterruptedException {
    LogLevels.ofService();
    Waiting waiting = new Waiting(REPEAT);
    try (StopSignal stop = new StopSignal(waiting::stop)) {
      try (Core core = new Core(settings.get())) {
        start(core, waiting);
        say(out, "ready" + addresses(core));
        stop.await();
      } catch (StoppedException e) {
        // As asked; there is nothing to finish.
      }
      say(out, "stopped");
    }
    return 0;
  }

  private void start(Core core, Waiting waiting) {
    // First of all: who waits is alive, and not ready.
    core.startHealth();
    start(core, new Prerequisites(core.settings(), waiting));
    core.started();
    waiting.until(() -> ready(core));
  }

  private static boolean ready(Core core) throws NotYetException {
    if (!core.ready()) {
      throw new NotYetException("the mailboxes are still being read from Kafka");
    }
    return true;
  }

  private static String addresses(Core core) {
    return core.addresses().entrySet().stream()
        .map(address -> address.getKey() + " " + address.getValue())
        .collect(Collectors.joining(", ", ": ", ""));
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  static final class IngestService extends ServiceCommand {
    IngestService() {
      super("SMTP in, on its own: takes mail into Kafka, sealed to the transit recipient.");
    }

    @Override
    void start(Core core, Prerequisites needed) {
      needed.certificate();
      Future<TlsMaterial> certificate = core.certificateSoon();
      TransitKey transit = needed.transitRecipient();
      Site site = needed.site(topics -> List.of(topics.raw(), topics.ledger(), topics.mailboxes()));
      services(core, site).startIngest(transit, Core.awaitStart(certificate));
      certificate.onSuccess(core::warmUp);
    }
  }

  static final class CryptoWorkerService extends ServiceCommand {
    CryptoWorkerService() {
      super("Seals what ingest took to its mailboxes, on its own; any number may run.");
    }

    @Override
    void start(Core core, Prerequisites needed) {
      List<Identity> transit = needed.transitIdentities();
      Site site =
          needed.site(
              topics ->
                  List.of(
                      topics.raw(),
                      topics.sealed(),
                      topics.mailboxes(),
                      topics.ledger(),
                      topics.dead()));
      Services services = services(core, site);
      services.startCryptoWorker(transit);
      services.startTruncation();
    }
  }

  static final class StoreWorkerService extends ServiceCommand {
    StoreWorkerService() {
      super("Writes what is sealed to the object store, on its own; any number may run.");
    }

    @Override
    void start(Core core, Prerequisites needed) {
      ObjectStore store = core.closing().add(needed.store());
      Site site = needed.site(topics -> List.of(topics.sealed(), topics.ledger(), topics.dead()));
      services(core, site).startStoreWorker(store);
    }
  }

  static final class Pop3FrontendService extends ServiceCommand {
    Pop3FrontendService() {
      super("POP3 out of the object store, on its own; any number may run.");
    }

    @Override
    void start(Core core, Prerequisites needed) {
      needed.certificate();
      Future<TlsMaterial> certificate = core.certificateSoon();
      ObjectStore store = core.closing().add(needed.store());
      Site site = needed.site(topics -> List.of(topics.ledger(), topics.mailboxes()));
      services(core, site).startPop3(store, Core.awaitStart(certificate));
      certificate.onSuccess(core::warmUp);
    }
  }

  static final class ProxyService extends ServiceCommand {
    ProxyService() {
      super(
          "SMTP and POP3 proxies, on their own: pass mail on and copy it into Kafka, sealed to the"
              + " transit recipient.");
    }

    @Override
    void start(Core core, Prerequisites needed) {
      if (core.settings().proxy().routes().isEmpty()) {
        throw new CommandFailure("proxy.routes: a proxy needs one route at least");
      }
      needed.certificate();
      Future<TlsMaterial> certificate = core.certificateSoon();
      TransitKey transit = needed.transitRecipient();
      Site site =
          needed.site(
              topics ->
                  List.of(topics.raw(), topics.ledger(), topics.mailboxes(), topics.copied()));
      services(core, site).startProxy(transit, Core.awaitStart(certificate));
      certificate.onSuccess(core::warmUp);
    }
  }
}
