package io.postern.gateway;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.cli.SettingsOptions;
import io.postern.gateway.config.ProxySettings.RouteSettings;
import io.postern.gateway.config.Settings;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.TopicCheck;
import io.postern.pipeline.Topics;
import io.postern.proxy.OnArchiveFailure;
import io.postern.proxy.Route;
import io.postern.proxy.ServerCheck;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern doctor}: looks at everything that Postern is given, and changes nothing. */
@Command(
    description =
        "Checks settings, certificates, Kafka, the object store and each proxy's mail server; says"
            + " what is wrong and how to mend it. Exit code 1 where something is wrong.")
final class DoctorCommand implements Callable<Integer> {
  private static final Duration SOON = Duration.ofDays(14);
  private static final int PATIENCE_S = 45;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions options;

  private int faults;

  /** One look; what it finds is one line. */
  private interface Look {
    String at() throws Fault;
  }

  /** What is wrong, and how to mend it. */
  private static final class Fault extends Exception {
    Fault(String what, String mend) {
      super(what + "\n       " + mend);
    }
  }

  @Override
  public Integer call() {
    Settings settings = options.read();
    say("ok   ", "settings", "all of them can stand");
    report("certificate", () -> certificate(settings.tls().certificate(), settings.tls().key()));
    boolean reached = report("Kafka", () -> kafka(settings));
    report("store", () -> store(settings));
    if (reached && !settings.proxy().routes().isEmpty()) {
      mailboxes(settings);
    }
    Vertx vertx = Vertx.vertx();
    try {
      for (RouteSettings route : settings.proxy().routes()) {
        if (route.certificate() != null) {
          report(
              "route " + route.name() + ", certificate",
              () -> certificate(route.certificate(), route.key()));
        }
        report(
            "route " + route.name() + ", server", () -> server(vertx, settings.hostname(), route));
      }
    } finally {
      Core.awaitStop(vertx.close());
    }
    return faults == 0 ? 0 : 1;
  }

  /** Whether all is well. */
  private boolean report(String name, Look look) {
    try {
      say("ok   ", name, look.at());
      return true;
    } catch (Fault e) {
      faults++;
      say("WRONG", name, e.getMessage());
      return false;
    }
  }

  private void say(String verdict, String name, String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(verdict + "  " + name + ": " + text);
    out.flush();
  }

  private static String certificate(Path certificate, Path key) throws Fault {
    if (certificate == null) {
      return "self-signed; journal sources and mail programs want one of a public authority"
          + " (tls.certificate, tls.key)";
    }
    for (Path file : List.of(certificate, key)) {
      if (!Files.isReadable(file)) {
        throw new Fault(
            "cannot read " + file,
            Files.exists(file)
                ? "give this user the right to read it"
                : "there is no such file: put it there, or change the setting");
      }
    }
    try {
      TlsMaterial.of(certificate, key);
      Instant end = end(certificate);
      if (end.isBefore(Instant.now())) {
        throw new Fault(
            certificate + " has expired on " + end,
            "renew it; a new file is used within seconds, without a restart");
      }
      return "good until "
          + end
          + (end.isBefore(Instant.now().plus(SOON)) ? ", renew it soon" : "");
    } catch (IOException | CertificateException e) {
      throw new Fault(
          e.getMessage(), "the files must be PEM: the whole chain, and the key that belongs to it");
    }
  }

  private static Instant end(Path certificate) throws IOException, CertificateException {
    try (InputStream pem = Files.newInputStream(certificate)) {
      X509Certificate own =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      return own.getNotAfter().toInstant();
    }
  }

  private static String kafka(Settings settings) throws Fault {
    if (settings.kafka().embedded()) {
      return EmbeddedKafka.isInUse(settings.data().resolve("kafka"))
          ? "embedded, and running on " + settings.data()
          : "embedded; starts with 'postern run'";
    }
    String servers = settings.kafka().bootstrapServers();
    Topics topics = Site.topics(settings);
    try (Admin admin = Admin.create(Prerequisites.impatient(KafkaClients.of(settings.kafka())))) {
      TopicCheck.Findings findings = new TopicCheck(admin).look(topics, topics.all());
      if (!findings.missing().isEmpty()) {
        throw new Fault(
            servers + " has no topic " + String.join(", ", findings.missing()),
            "'postern setup' makes them");
      }
      if (!findings.complaints().isEmpty()) {
        throw new Fault(
            String.join("; ", findings.complaints()),
            "change them with Kafka's kafka-configs.sh; docs/pipeline.md says why they matter");
      }
      return servers + " answers and has all topics as they should be";
    } catch (PipelineException | KafkaException e) {
      throw new Fault(
          servers + ": " + Prerequisites.reason(e),
          "check kafka.bootstrap-servers, kafka.client.* and the firewall");
    } catch (CommandFailure e) {
      throw new Fault(e.getMessage(), "name a file that this user may read");
    }
  }

  /** Those that receive the proxies' copies, as far as Kafka runs now. */
  private void mailboxes(Settings settings) {
    Optional<Map<String, Object>> kafka = Site.running(settings);
    if (kafka.isEmpty()) {
      say("ok   ", "mailboxes of routes", "not looked at: Kafka does not run");
      return;
    }
    try (KafkaDirectory directory = new KafkaDirectory(kafka.get(), Site.topics(settings))) {
      directory.whenReady().toCompletableFuture().orTimeout(PATIENCE_S, TimeUnit.SECONDS).join();
      for (RouteSettings route : settings.proxy().routes()) {
        report("route " + route.name() + ", mailboxes", () -> mailboxes(route, directory));
      }
    } catch (CompletionException e) {
      report(
          "mailboxes of routes",
          () -> {
            throw new Fault("they cannot be read from Kafka", "look at the broker's log");
          });
    }
  }

  private static String mailboxes(RouteSettings route, KafkaDirectory directory) throws Fault {
    Set<String> named = new TreeSet<>(route.users().values());
    named.addAll(route.senderDomains().values());
    named.add(route.mailbox());
    Set<String> missing = new TreeSet<>(named);
    missing.removeIf(address -> directory.byAddress(address).isPresent());
    String meanwhile =
        route.onArchiveFailure() == OnArchiveFailure.REJECT
            ? "; until then their mail does not pass"
            : "; until then their mail passes without a copy";
    if (!missing.isEmpty()) {
      throw new Fault(
          "there is no mailbox " + String.join(", ", missing),
          "'postern mailbox create " + missing.iterator().next() + "' makes it" + meanwhile);
    }
    Set<String> suspended = new TreeSet<>(named);
    suspended.removeIf(
        address -> directory.byAddress(address).orElseThrow().state() == Mailbox.State.ACTIVE);
    if (!suspended.isEmpty()) {
      throw new Fault(
          "suspended: " + String.join(", ", suspended),
          "'postern mailbox resume " + suspended.iterator().next() + "'" + meanwhile);
    }
    return String.join(", ", named);
  }

  private static String store(Settings settings) throws Fault {
    Settings.S3 s3 = settings.s3();
    if (s3.directory()) {
      return "a directory, " + settings.data().resolve("objects");
    }
    try (ObjectStore store = Stores.open(settings, false)) {
      store.list("mailboxes/", "", 1);
      return "bucket " + s3.bucket() + " at " + s3.endpoint() + " answers";
    } catch (StoreException | CommandFailure e) {
      throw new Fault(
          s3.endpoint() + ": " + e.getMessage(),
          "check s3.endpoint, s3.bucket, the keys and s3.ca-file; 'postern setup' makes the bucket");
    }
  }

  private static String server(Vertx vertx, String hostname, RouteSettings settings) throws Fault {
    String name = settings.upstream().host() + ":" + settings.upstream().port();
    try {
      Route.Server server = ProxyRoutes.server(settings);
      List<String> offers =
          new ServerCheck(
                  vertx, hostname.isEmpty() ? "localhost" : hostname, new SimpleMeterRegistry())
              .look(settings.protocol(), server)
              .toCompletionStage()
              .toCompletableFuture()
              .orTimeout(PATIENCE_S, TimeUnit.SECONDS)
              .join();
      return name + " answers; what passes: " + String.join(", ", offers);
    } catch (CompletionException e) {
      String what = e.getCause().getMessage();
      throw new Fault(
          name + " " + (what == null ? "does not answer in time" : what),
          "check upstream.host, port and tls, and how its certificate is checked (ca-file,"
              + " fingerprint)");
    } catch (CommandFailure | IOException e) {
      throw new Fault(e.getMessage(), "name a file of PEM certificates that this user may read");
    }
  }
}
