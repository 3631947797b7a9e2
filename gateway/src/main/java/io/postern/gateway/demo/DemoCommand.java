package io.postern.gateway.demo;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Passphrase;
import io.postern.gateway.AllInOne;
import io.postern.gateway.CommandFailure;
import io.postern.gateway.client.PinnedTrust;
import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import io.postern.gateway.config.Settings;
import io.postern.gateway.config.SettingsReader;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.MailboxException;
import io.postern.mailbox.Passwords;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole job once, for a newcomer to watch and for the build to check. */
@Command(
    description =
        "The whole job once, on embedded parts, each stage shown; exit code 0 when it worked.")
public final class DemoCommand implements Callable<Integer> {
  private static final String ADDRESS = "archive@postern.example";
  private static final String SENDER = "sender@postern.example";
  private static final long WAIT_MS = 120_000;

  @Spec private CommandSpec spec;

  @Option(names = "--keep", description = "Keep the data directory, to look into it afterwards.")
  private boolean keep;

  private final SecureRandom random = new SecureRandom();

  @Override
  public Integer call() throws Exception {
    Path data = Files.createTempDirectory("postern-demo-");
    Stages stages =
        new Stages(spec.commandLine().getOut(), spec.commandLine().getColorScheme().ansi());
    stages.title("Postern: mail in by SMTP, sealed at rest, out by POP3");
    try {
      show(stages, data);
      stages.title("It works. Now: ./postern run, and ./postern mailbox create ADDRESS");
      return 0;
    } finally {
      if (keep) {
        stages.title("The data stays in " + data);
      } else {
        delete(data);
      }
    }
  }

  private void show(Stages stages, Path data) throws Exception {
    Settings settings =
        new SettingsReader(
                Map.of(
                    "POSTERN_DATA", data.toString(),
                    "POSTERN_HOSTNAME", "localhost",
                    "POSTERN_SMTP_STARTTLS_PORT", "0",
                    "POSTERN_SMTP_TLS_PORT", "-1",
                    "POSTERN_POP3_STARTTLS_PORT", "-1",
                    "POSTERN_POP3_TLS_PORT", "0",
                    "POSTERN_HEALTH_PORT", "-1"))
            .readEnvironment();
    try (AllInOne postern =
        stages.run(
            "start",
            "Kafka, object store, workers, SMTP and POP3 in one process",
            () -> AllInOne.start(settings))) {
      Account mailbox =
          stages.run(
              "mailbox",
              ADDRESS + ", with a hybrid post-quantum key that only its password opens",
              () -> create(postern));
      SSLContext trust = PinnedTrust.in(postern.certificateFile());
      List<Specimen> specimens = Specimen.all(random);
      stages.run(
          "send",
          "over SMTP with STARTTLS; each 250 says that Kafka has flushed the message",
          () -> send(stages, postern, trust, specimens));
      String letter = "letter-" + Long.toHexString(random.nextLong());
      stages.run(
          "send",
          "a letter with an attachment, by vertx-mail-client",
          () -> sendLetter(postern, letter));
      int messages = specimens.size() + 1;
      stages.run(
          "store",
          messages + " messages sealed and stored",
          () -> await(postern, trust, mailbox, messages));
      stages.run(
          "search",
          "for anything readable in every file, Kafka's logs included",
          () -> search(stages, data, specimens, letter));
      stages.run("refuse", "a wrong password", () -> refuse(postern, trust));
      stages.run(
          "pull",
          "over POP3 with TLS, every octet compared",
          () -> pull(postern, trust, mailbox, specimens, letter));
      stages.run(
          "recover",
          "a message from its file and the password alone, without Postern's services",
          () -> recover(data, mailbox, specimens));
      stages.run("stop", "nothing half done", postern::close);
    }
  }

  /** A mailbox and its password. */
  private record Account(String id, String password) {}

  private Account create(AllInOne postern) throws MailboxException {
    byte[] password = Passwords.generate(random);
    Mailbox mailbox = postern.mailboxes().create(ADDRESS, password, false);
    return new Account(mailbox.id(), new String(password, StandardCharsets.US_ASCII));
  }

  private static void send(
      Stages stages, AllInOne postern, SSLContext trust, List<Specimen> specimens)
      throws IOException {
    try (SmtpSender sender = new SmtpSender(postern.smtpStarttlsPort(), trust)) {
      for (Specimen specimen : specimens) {
        String reply = sender.send(SENDER, ADDRESS, specimen.octets());
        stages.detail(specimen.kind() + " (" + specimen.octets().length + " octets)", reply);
      }
    }
  }

  private static void sendLetter(AllInOne postern, String letter) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      MailConfig config =
          new MailConfig()
              .setHostname("localhost")
              .setPort(postern.smtpStarttlsPort())
              .setStarttls(StartTLSOptions.REQUIRED)
              .setTrustOptions(
                  new PemTrustOptions().addCertPath(postern.certificateFile().toString()));
      MailMessage message =
          new MailMessage()
              .setFrom(SENDER)
              .setTo(ADDRESS)
              .setSubject(letter)
              .setText("A letter.\n")
              .setAttachment(
                  io.vertx.ext.mail.MailAttachment.create()
                      .setName("numbers.bin")
                      .setContentType("application/octet-stream")
                      .setData(io.vertx.core.buffer.Buffer.buffer(new byte[10_000])));
      MailClient.create(vertx, config)
          .sendMail(message)
          .toCompletionStage()
          .toCompletableFuture()
          .get(WAIT_MS, TimeUnit.MILLISECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Asks POP3 until it shows all messages, as an archiver on a schedule would. */
  private static void await(AllInOne postern, SSLContext trust, Account mailbox, int messages)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
    int count = 0;
    while (count < messages) {
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            "only " + count + " of " + messages + " messages were stored in time");
      }
      TimeUnit.MILLISECONDS.sleep(100);
      try (Pop3Reader reader = login(postern, trust, mailbox)) {
        count = reader.count();
      }
    }
  }

  private static void search(Stages stages, Path data, List<Specimen> specimens, String letter) {
    List<String> texts =
        Stream.concat(
                Stream.of(letter, "Subject:"),
                specimens.stream().map(Specimen::marker).filter(marker -> !marker.isEmpty()))
            .toList();
    PlaintextSearch.Result result = PlaintextSearch.in(data, texts);
    stages.detail(
        result.files() + " files, " + result.bytes() / 1_000_000 + " MB", result.hits() + " hits");
    if (result.hits() > 0) {
      throw new CommandFailure("plaintext was found on the disk");
    }
  }

  private static void refuse(AllInOne postern, SSLContext trust) throws IOException {
    try (Pop3Reader reader = new Pop3Reader(postern.pop3TlsPort(), trust)) {
      if (reader.login(ADDRESS, "not the password")) {
        throw new CommandFailure("a wrong password was taken");
      }
    }
  }

  private static void pull(
      AllInOne postern, SSLContext trust, Account mailbox, List<Specimen> specimens, String letter)
      throws IOException {
    try (Pop3Reader reader = login(postern, trust, mailbox)) {
      for (int i = 0; i < specimens.size(); i++) {
        byte[] message = reader.retrieve(i + 1);
        check(
            endsWith(message, specimens.get(i).octets()),
            "'" + specimens.get(i) + "' came back altered");
        check(
            reader.size(i + 1) == message.length,
            "the size announced for '" + specimens.get(i) + "' is wrong");
      }
      String last = new String(reader.retrieve(specimens.size() + 1), StandardCharsets.UTF_8);
      check(
          last.contains("Subject: " + letter) && last.contains("A letter."),
          "the letter came back altered");
    }
  }

  private static Pop3Reader login(AllInOne postern, SSLContext trust, Account mailbox)
      throws IOException {
    Pop3Reader reader = new Pop3Reader(postern.pop3TlsPort(), trust);
    check(reader.login(ADDRESS, mailbox.password()), "the right password was refused");
    return reader;
  }

  private static void recover(Path data, Account mailbox, List<Specimen> specimens)
      throws IOException {
    Path folder = data.resolve("objects/mailboxes").resolve(mailbox.id());
    List<Path> files;
    try (Stream<Path> all = Files.list(folder.resolve("mail"))) {
      files = all.sorted().toList();
    }
    byte[] password = mailbox.password().getBytes(StandardCharsets.UTF_8);
    byte[] identityFile =
        open(folder.resolve("identity.age"), List.of(Passphrase.identity(password, 20)));
    byte[] message = open(files.get(0), Keys.identities(identityFile));
    check(endsWith(message, specimens.get(0).octets()), "the recovered message is altered");
  }

  private static byte[] open(Path file, List<Identity> identities)
      throws IOException, AgeException {
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      byte[] sealed = Files.readAllBytes(file);
      opener.update(sealed, 0, sealed.length, plaintext::write);
      opener.finish(plaintext::write);
    }
    return plaintext.toByteArray();
  }

  private static boolean endsWith(byte[] message, byte[] end) {
    int from = message.length - end.length;
    return from >= 0 && Arrays.equals(message, from, message.length, end, 0, end.length);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new CommandFailure(otherwise);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(paths::add);
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
