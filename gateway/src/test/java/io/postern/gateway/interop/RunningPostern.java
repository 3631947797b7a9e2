package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.gateway.AllInOne;
import io.postern.gateway.client.PinnedTrust;
import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import io.postern.gateway.config.SettingsReader;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.Passwords;
import io.postern.testkit.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The all-in-one process, embedded in the tests' JVM and shared by all test classes that register
 * it. Tests keep apart from each other by mailboxes.
 */
final class RunningPostern implements BeforeAllCallback {
  static final String SENDER = "sender@postern.example";

  private Shared shared;

  /** A mailbox and its password. */
  record Account(String id, String address, String password) {}

  @Override
  public void beforeAll(ExtensionContext context) {
    shared =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .computeIfAbsent(Shared.class, key -> new Shared(Map.of()), Shared.class);
  }

  /** One with settings of its own, for one test class, which stops it. */
  static RunningPostern start(Map<String, String> settings) {
    RunningPostern own = new RunningPostern();
    own.shared = new Shared(settings);
    return own;
  }

  void stop() throws IOException {
    shared.close();
  }

  int proxyPort(String route) {
    return port("proxy " + route);
  }

  int smtpStarttlsPort() {
    return port("SMTP STARTTLS");
  }

  int smtpTlsPort() {
    return port("SMTP TLS");
  }

  int pop3StlsPort() {
    return port("POP3 STLS");
  }

  int pop3TlsPort() {
    return port("POP3 TLS");
  }

  private int port(String name) {
    String address = shared.postern.addresses().get(name);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** What signs our certificate: itself. It is for the name localhost. */
  Path certificate() {
    return shared.postern.certificateFile();
  }

  /** Where the objects of a mailbox lie. */
  Path folder(Account account) {
    return shared.data.resolve("objects/mailboxes").resolve(account.id());
  }

  Account newMailbox(boolean classic) throws Exception {
    return newMailbox(
        "mbx-" + UUID.randomUUID().toString().replace("-", "") + "@postern.example", classic);
  }

  Account newMailbox(String address) throws Exception {
    return newMailbox(address, true);
  }

  private Account newMailbox(String address, boolean classic) throws Exception {
    byte[] password = Passwords.generate(new SecureRandom());
    Mailbox mailbox = shared.postern.mailboxes().create(address, password, classic);
    return new Account(mailbox.id(), mailbox.address(), new String(password, US_ASCII));
  }

  /** Sends messages one after the other and returns when all can be pulled. */
  void deliver(Account account, List<byte[]> messages) throws Exception {
    try (SmtpSender sender = new SmtpSender(smtpStarttlsPort(), trust())) {
      for (byte[] message : messages) {
        sender.send(SENDER, account.address(), message);
      }
    }
    awaitCount(account, messages.size());
  }

  /** All messages in a mailbox once there are so many. */
  List<byte[]> pull(Account account, int count) throws Exception {
    awaitCount(account, count);
    try (Pop3Reader reader = login(account)) {
      List<byte[]> messages = new ArrayList<>();
      for (int number = 1; number <= count; number++) {
        messages.add(reader.retrieve(number));
      }
      return messages;
    }
  }

  /** All messages that are in a mailbox now. */
  List<byte[]> pullAll(Account account) throws Exception {
    try (Pop3Reader reader = login(account)) {
      List<byte[]> messages = new ArrayList<>();
      int count = reader.count();
      for (int number = 1; number <= count; number++) {
        messages.add(reader.retrieve(number));
      }
      return messages;
    }
  }

  void awaitCount(Account account, int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> count(account) == count);
  }

  int count(Account account) throws Exception {
    try (Pop3Reader reader = login(account)) {
      return reader.count();
    }
  }

  private Pop3Reader login(Account account) throws Exception {
    Pop3Reader reader = new Pop3Reader(pop3TlsPort(), trust());
    if (!reader.login(account.address(), account.password())) {
      throw new AssertionError("the password was refused");
    }
    return reader;
  }

  private SSLContext trust() throws IOException, GeneralSecurityException {
    return PinnedTrust.in(certificate());
  }

  private static final class Shared implements AutoCloseable {
    private final Path data;
    private final AllInOne postern;

    Shared(Map<String, String> more) {
      try {
        data = Files.createTempDirectory("postern-interop");
        Map<String, String> settings =
            new HashMap<>(
                Map.of(
                    "POSTERN_DATA", data.toString(),
                    "POSTERN_HOSTNAME", "localhost",
                    "POSTERN_SMTP_STARTTLS_PORT", "0",
                    "POSTERN_SMTP_TLS_PORT", "0",
                    "POSTERN_POP3_STARTTLS_PORT", "0",
                    "POSTERN_POP3_TLS_PORT", "0",
                    "POSTERN_HEALTH_PORT", "-1"));
        settings.putAll(more);
        postern = AllInOne.start(new SettingsReader(settings).readEnvironment());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      postern.close();
      Trees.delete(data);
    }
  }
}
