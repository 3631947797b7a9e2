package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import io.postern.wire.TlsMaterial;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client talks through the proxy to Exim, an instance of its own, by DATA and by BDAT. Debian's
 * packages of Exim and Postfix exclude each other: so Exim may also lie unpacked in /opt/exim4.
 */
@Tag("interop")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ProxyEximInteropTest {
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/sbin/exim4"), Path.of("/opt/exim4/usr/sbin/exim4"));
  private static final String ARCHIVE = "archive@postern.example";
  private static final String PASSWORD = "real-secret";

  private static final String SETTINGS =
      """
      primary_hostname = real.example
      exim_path = %4$s
      spool_directory = %1$s/spool
      log_file_path = %1$s/exim-%%slog
      domainlist local_domains = real.example
      acl_smtp_rcpt = acl_rcpt
      tls_advertise_hosts = *
      tls_certificate = %1$s/tls/certificate.pem
      tls_privatekey = %1$s/tls/key.pem
      daemon_smtp_ports = %2$d
      local_interfaces = 127.0.0.1
      chunking_advertise_hosts = *
      host_lookup =
      begin acl
      acl_rcpt:
        accept domains = real.example
        deny message = no relay
      begin routers
      all:
        driver = accept
        transport = inbox
      begin transports
      inbox:
        driver = appendfile
        directory = %1$s/inbox
        maildir_format
        create_directory
        user = Debian-exim
      begin authenticators
      plain:
        driver = plaintext
        public_name = PLAIN
        server_prompts = :
        server_condition = ${if and{{eq{$auth2}{bob}}{eq{$auth3}{%3$s}}}}
        server_set_id = $auth2
        server_advertise_condition = ${if def:tls_in_cipher}
      """;

  @TempDir Path home;
  private Program program;
  private Process exim;
  private RunningPostern postern;
  private Account archive;

  @BeforeEach
  void start() throws Exception {
    Path binary = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    if (binary == null || !"root".equals(System.getProperty("user.name"))) {
      System.err.println("SKIPPED: there is no Exim, or this is not root");
      Assumptions.abort("there is no Exim, or this is not root");
    }
    program = new Program(home);
    int port = Ports.free();
    prepare(binary, port);
    exim =
        new ProcessBuilder(binary.toString(), "-bdf", "-C", home.resolve("exim.conf").toString())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("exim.out").toFile())
            .start();
    Ports.awaitListening(port);
    postern =
        RunningPostern.start(
            Map.of(
                "POSTERN_PROXY_ROUTES",
                "[{name: out, protocol: smtp, port: 0, mailbox: %s, upstream: {host: localhost, port: %d, ca-file: %s}}]"
                    .formatted(ARCHIVE, port, home.resolve("tls/certificate.pem"))));
    archive = postern.newMailbox(ARCHIVE);
  }

  private void prepare(Path binary, int port) throws Exception {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path tls = Files.createDirectory(home.resolve("tls"));
    // Debian's Exim has GnuTLS: our own key files must do for it.
    TlsMaterial.makeSelfSigned(
        tls.resolve("certificate.pem"),
        tls.resolve("key.pem"),
        "localhost",
        new SecureRandom(),
        InstantSource.system());
    // Exim reads it as its own user.
    Files.setPosixFilePermissions(
        home.resolve("tls/key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(home.resolve("exim.conf"), SETTINGS.formatted(home, port, PASSWORD, binary));
    program.run("chown", "-R", "Debian-exim", home.toString()).expectSuccess();
    program.run("chown", "root:root", home.resolve("exim.conf").toString()).expectSuccess();
  }

  @AfterEach
  void stop() throws Exception {
    if (postern != null) {
      postern.stop();
    }
    if (exim != null) {
      exim.destroy();
      exim.waitFor(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void byDataAndByChunks() throws Exception {
    Program.require("swaks", "openssl");
    byte[] byData = Letters.text();
    new Senders(home)
        .swaks(
            byData,
            postern.proxyPort("out"),
            "bob@real.example",
            "alice@real.example",
            "--tls",
            "--auth",
            "PLAIN",
            "--auth-user",
            "bob",
            "--auth-password",
            PASSWORD)
        .expectSuccess();
    byte[] byChunks = Letters.large(300_000);
    sendInChunks(byChunks);

    List<byte[]> copies = postern.pull(archive, 2);
    Letters.assertEndsWith(copies.get(0), byData);
    Letters.assertEndsWith(copies.get(1), byChunks);
    assertThat(new String(copies.get(0), ISO_8859_1)).contains("with ESMTPSA id ");
    for (byte[] letter : List.of(byData, byChunks)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> assertDelivered(Letters.withLf(letter)));
    }
  }

  private void assertDelivered(byte[] letter) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("inbox/new"))) {
      for (Path file : files.toList()) {
        byte[] delivered = Files.readAllBytes(file);
        if (new String(delivered, ISO_8859_1).contains(Letters.messageId(letter))) {
          Letters.assertEndsWith(delivered, letter);
          return;
        }
      }
    }
    throw new AssertionError("not there yet");
  }

  private void sendInChunks(byte[] message) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), postern.proxyPort("out"))) {
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      OutputStream out = socket.getOutputStream();
      expect(in, "220");
      ask(in, out, "EHLO client.example", "250");
      ask(in, out, "MAIL FROM:<stranger@elsewhere.example>", "250");
      ask(in, out, "RCPT TO:<alice@real.example>", "250");
      int half = message.length / 2;
      chunk(in, out, Arrays.copyOf(message, half), "");
      chunk(in, out, Arrays.copyOfRange(message, half, message.length), " LAST");
      ask(in, out, "QUIT", "221");
    }
  }

  private static void chunk(BufferedReader in, OutputStream out, byte[] octets, String last)
      throws IOException {
    out.write(("BDAT " + octets.length + last + "\r\n").getBytes(UTF_8));
    out.write(octets);
    expect(in, "250");
  }

  private static void ask(BufferedReader in, OutputStream out, String command, String code)
      throws IOException {
    out.write((command + "\r\n").getBytes(UTF_8));
    expect(in, code);
  }

  private static void expect(BufferedReader in, String code) throws IOException {
    String line = in.readLine();
    while (line != null && line.startsWith(code + "-")) {
      line = in.readLine();
    }
    assertThat(line).startsWith(code);
  }
}
