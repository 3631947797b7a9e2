package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import io.postern.wire.ClientTls;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real clients talk through the proxies to Postfix with Dovecot's SASL and to Dovecot's POP3: mail
 * arrives unchanged there, and the copy in the archive.
 */
@Tag("interop")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProxyInteropTest {
  private static final String ARCHIVE = "archive@postern.example";

  @TempDir static Path servers;
  private static MailServers real;
  private static RunningPostern postern;
  private static Account archive;

  @TempDir Path home;
  private Program program;

  @BeforeAll
  static void start() throws Exception {
    real = MailServers.start(servers);
    postern = RunningPostern.start(Map.of("POSTERN_PROXY_ROUTES", routes()));
    archive = postern.newMailbox(ARCHIVE);
  }

  private static String routes() throws Exception {
    String byAuthority = "ca-file: " + real.certificate();
    String byFingerprint = "fingerprint: \"" + fingerprint() + "\"";
    return "["
        + String.join(
            ",",
            route("submission", "submission", real.smtpPort(), byAuthority),
            route("smtp", "smtp", real.smtpPort(), byFingerprint),
            route("smtps", "smtps", real.smtpsPort(), byAuthority),
            route("pop3", "pop3", real.popPort(), byFingerprint),
            route("pop3s", "pop3s", real.popsPort(), byAuthority))
        + "]";
  }

  private static String route(String name, String protocol, int server, String trust) {
    return "{name: %s, protocol: %s, port: 0, mailbox: %s, upstream: {host: localhost, port: %d, %s}}"
        .formatted(name, protocol, ARCHIVE, server, trust);
  }

  private static String fingerprint() throws Exception {
    try (InputStream pem = Files.newInputStream(real.certificate())) {
      return ClientTls.fingerprintOf(
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (postern != null) {
      postern.stop();
    }
    if (real != null) {
      real.stop();
    }
  }

  @BeforeEach
  void setUp() {
    program = new Program(home);
  }

  /** Alice has got the letters, each with one copy, which are returned. */
  private List<byte[]> assertDeliveredAndArchived(List<byte[]> letters) throws Exception {
    List<byte[]> copies = copies(letters);
    for (int i = 0; i < letters.size(); i++) {
      byte[] letter = letters.get(i);
      Awaitility.await()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  Letters.assertEndsWith(
                      of(letter, real.received("alice")), Letters.withLf(letter)));
      Letters.assertEndsWith(copies.get(i), letter);
    }
    return copies;
  }

  /** The one copy of each letter, as soon as all are there. */
  private static List<byte[]> copies(List<byte[]> letters) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              List<byte[]> all = postern.pullAll(archive);
              return letters.stream().map(letter -> only(letter, all)).toList();
            },
            found -> found.stream().allMatch(copy -> copy != null));
  }

  private static byte[] only(byte[] letter, List<byte[]> messages) {
    List<byte[]> found =
        messages.stream()
            .filter(whole -> Letters.messageId(whole).equals(Letters.messageId(letter)))
            .toList();
    assertThat(found.stream().map(ProxyInteropTest::traceHeaders).toList())
        .as("copies")
        .hasSizeLessThan(2);
    return found.isEmpty() ? null : found.get(0);
  }

  private static String traceHeaders(byte[] copy) {
    String text = new String(copy, ISO_8859_1);
    return text.substring(0, text.indexOf("From: "));
  }

  private static byte[] of(byte[] letter, List<byte[]> messages) {
    return messages.stream()
        .filter(whole -> Letters.messageId(whole).equals(Letters.messageId(letter)))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5"})
  void swaksLogsIn(String mechanism) throws Exception {
    Program.require("swaks");
    byte[] letter = Letters.text();
    program
        .run(
            "swaks",
            "--tls",
            "--port",
            "" + postern.proxyPort("submission"),
            "--server",
            "localhost",
            "--auth",
            mechanism,
            "--auth-user",
            "bob",
            "--auth-password",
            MailServers.PASSWORD,
            "--from",
            "bob@real.example",
            "--to",
            "alice@real.example,carol@real.example",
            "--data",
            "@" + file(letter))
        .expectSuccess();

    List<byte[]> copies = assertDeliveredAndArchived(List.of(letter));
    assertThat(new String(copies.get(0), ISO_8859_1))
        .startsWith("Return-Path: <bob@real.example>\r\nReceived: from ")
        .contains("with ESMTPSA id ")
        .contains("X-Envelope-From: <bob@real.example>\r\n")
        .contains("X-Envelope-To: <alice@real.example>\r\nX-Envelope-To: <carol@real.example>\r\n");
  }

  /** swaks ends the last line itself. */
  private Path file(byte[] letter) throws Exception {
    byte[] data = Letters.withLf(Arrays.copyOf(letter, letter.length - 2));
    return program.file("letter-" + System.nanoTime(), data);
  }

  @Test
  void swaksIsRefusedByTheRealServer() throws Exception {
    Program.require("swaks");
    Program.Result result =
        program.run(
            "swaks",
            "--tls",
            "--port",
            "" + postern.proxyPort("submission"),
            "--server",
            "localhost",
            "--auth",
            "PLAIN",
            "--auth-user",
            "bob",
            "--auth-password",
            "wrong",
            "--from",
            "bob@real.example",
            "--to",
            "alice@real.example");
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains("535 5.7.8");
  }

  @Test
  void msmtp() throws Exception {
    Program.require("msmtp");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      program
          .run(
              Letters.withLf(letter),
              "msmtp",
              "--host=localhost",
              "--port=" + postern.proxyPort("smtps"),
              "--tls=on",
              "--tls-starttls=off",
              "--tls-trust-file=" + postern.certificate(),
              "--auth=scram-sha-256",
              "--user=bob",
              "--passwordeval=echo " + MailServers.PASSWORD,
              "--from=bob@real.example",
              "--",
              "alice@real.example")
          .expectSuccess();
    }
    assertDeliveredAndArchived(letters);
  }

  @Test
  void curl() throws Exception {
    Program.require("curl");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      program
          .run(
              "curl",
              "-sS",
              "--ssl-reqd",
              "--cacert",
              postern.certificate().toString(),
              "--mail-from",
              "stranger@elsewhere.example",
              "--mail-rcpt",
              "alice@real.example",
              "--upload-file",
              program.file("letter-" + System.nanoTime(), letter).toString(),
              "smtp://localhost:" + postern.proxyPort("smtp"))
          .expectSuccess();
    }
    assertDeliveredAndArchived(letters);
  }

  @Test
  void opensslPipelinesEverything() throws Exception {
    Program.require("openssl");
    byte[] letter = Letters.large(5_000);
    String login =
        Base64.getEncoder().encodeToString(("\0bob\0" + MailServers.PASSWORD).getBytes(US_ASCII));
    String dialogue =
        "EHLO client.example\r\nAUTH PLAIN "
            + login
            + "\r\nMAIL FROM:<bob@real.example>\r\nRCPT TO:<alice@real.example>\r\nDATA\r\n"
            + new String(letter, UTF_8)
            + ".\r\nQUIT\r\n";
    Program.Result result =
        program.run(
            dialogue.getBytes(UTF_8),
            "openssl",
            "s_client",
            "-quiet",
            "-ign_eof",
            "-connect",
            "localhost:" + postern.proxyPort("smtps"),
            "-CAfile",
            postern.certificate().toString(),
            "-verify_return_error");
    assertThat(result.output()).contains("235 2.7.0", "354 ", "250 2.0.0 Ok: queued", "221 2.0.0");
    assertDeliveredAndArchived(List.of(letter));
  }

  // POP3, from the mailbox of dave.

  private List<byte[]> dropSome(String user) throws Exception {
    List<byte[]> letters = List.of(Letters.text(), Letters.large(300_000));
    for (byte[] letter : letters) {
      real.drop(user, Letters.withLf(letter));
    }
    return letters;
  }

  private void assertArchived(List<byte[]> letters) throws Exception {
    List<byte[]> copies = copies(letters);
    for (int i = 0; i < letters.size(); i++) {
      Letters.assertEndsWith(copies.get(i), letters.get(i));
      assertThat(new String(copies.get(i), ISO_8859_1)).contains("X-Envelope-To: <dave>");
    }
  }

  @Test
  void clientsFetch() throws Exception {
    Program.require("getmail", "fetchmail", "mpop", "curl");
    List<byte[]> letters = new ArrayList<>(dropSome("dave"));
    Path fetched = Files.createDirectory(home.resolve("fetched"));
    // curl fetches and leaves; twice, and there is one copy.
    for (int round = 0; round < 2; round++) {
      for (int number = 1; number <= letters.size(); number++) {
        curlFetches("pop3s://localhost:" + postern.proxyPort("pop3s") + "/" + number, fetched);
      }
    }
    assertArchived(letters);
    assertFetched(fetched, letters, true);

    // mpop takes what is there and deletes it; these messages are known.
    mpop("pop3s", "off");
    assertArchived(letters);

    letters = dropSome("dave");
    fetchmail();
    assertArchived(letters);
    letters = dropSome("dave");
    getmail();
    assertArchived(letters);
    letters = dropSome("dave");
    mpop("pop3", "on");
    assertArchived(letters);
  }

  private static void assertFetched(Path folder, List<byte[]> letters, boolean crlf)
      throws Exception {
    List<byte[]> fetched = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        fetched.add(Files.readAllBytes(file));
      }
    }
    for (byte[] letter : letters) {
      Letters.assertEndsWith(of(letter, fetched), crlf ? letter : Letters.withLf(letter));
    }
  }

  private void curlFetches(String url, Path folder) throws Exception {
    program
        .run(
            "curl",
            "-sS",
            "--cacert",
            postern.certificate().toString(),
            "--user",
            "dave:" + MailServers.PASSWORD,
            "--output",
            folder.resolve("" + System.nanoTime()).toString(),
            url)
        .expectSuccess();
  }

  private Path mda() throws Exception {
    Path fetched = Files.createTempDirectory(home, "fetched");
    return program.file(
        "mda-" + fetched.getFileName(), "cat > \"$(mktemp " + fetched + "/XXXXXXXX)\"\n");
  }

  private void fetchmail() throws Exception {
    Path settings =
        program.file(
            "fetchmailrc",
            """
            set invisible
            poll localhost protocol pop3 service %d
              user "dave" password "%s"
              sslproto "TLS1.2+" sslcertck sslcertfile "%s"
              fetchall no keep no rewrite pass8bits mda "sh %s"
            """
                .formatted(
                    postern.proxyPort("pop3"), MailServers.PASSWORD, postern.certificate(), mda()));
    program
        .run(
            "fetchmail",
            "--fetchmailrc",
            settings.toString(),
            "--pidfile",
            home.resolve("pid").toString(),
            "--idfile",
            home.resolve("ids").toString())
        .expectSuccess();
  }

  private void getmail() throws Exception {
    program.file(
        "getmailrc",
        """
        [retriever]
        type = SimplePOP3SSLRetriever
        server = localhost
        port = %d
        username = dave
        password = %s
        ca_certs = %s
        [destination]
        type = MDA_external
        path = /bin/sh
        arguments = ("%s",)
        unixfrom = false
        allow_root_commands = true
        [options]
        delete = true
        delivered_to = false
        received = false
        """
            .formatted(
                postern.proxyPort("pop3s"), MailServers.PASSWORD, postern.certificate(), mda()));
    program.run("getmail", "--getmaildir", home.toString()).expectSuccess();
  }

  private void mpop(String route, String starttls) throws Exception {
    Path maildir = Files.createTempDirectory(home, "maildir");
    for (String part : List.of("tmp", "new", "cur")) {
      Files.createDirectories(maildir.resolve(part));
    }
    Path settings =
        program.file(
            "mpoprc-" + maildir.getFileName(),
            """
            account default
            host localhost
            port %d
            tls on
            tls_starttls %s
            tls_trust_file %s
            user dave
            password %s
            delivery maildir %s
            uidls_file %s
            keep off
            received_header off
            """
                .formatted(
                    postern.proxyPort(route),
                    starttls,
                    postern.certificate(),
                    MailServers.PASSWORD,
                    maildir,
                    maildir.resolve("uidls")));
    program.run("mpop", "--file=" + settings).expectSuccess();
  }
}
