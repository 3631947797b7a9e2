package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real clients send through the proxies to Postfix with Dovecot's SASL: mail arrives unchanged
 * there, and the copy in the archive.
 */
@Tag("interop")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProxyDeliveryInteropTest {
  private static final String BOB = "bob@real.example";
  private static final String ALICE = "alice@real.example";

  @TempDir static Path folder;
  private static ProxiedServers servers;

  @TempDir Path home;

  @BeforeAll
  static void start() throws Exception {
    servers = ProxiedServers.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    if (servers != null) {
      servers.stop();
    }
  }

  /** Alice has got the letters, each with one copy, which are returned. */
  private List<byte[]> assertDeliveredAndArchived(List<byte[]> letters) throws Exception {
    List<byte[]> copies = servers.copies(letters);
    for (int i = 0; i < letters.size(); i++) {
      byte[] letter = letters.get(i);
      Awaitility.await()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  Letters.assertEndsWith(
                      ProxiedServers.of(letter, servers.real.received("alice")),
                      Letters.withLf(letter)));
      Letters.assertEndsWith(copies.get(i), letter);
    }
    return copies;
  }

  private Program.Result swaks(byte[] letter, String mechanism, String password, String to)
      throws Exception {
    return new Senders(home)
        .swaks(
            letter,
            servers.port("submission"),
            BOB,
            to,
            "--tls",
            "--auth",
            mechanism,
            "--auth-user",
            "bob",
            "--auth-password",
            password);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5"})
  void swaksLogsIn(String mechanism) throws Exception {
    Program.require("swaks");
    byte[] letter = Letters.text();
    swaks(letter, mechanism, MailServers.PASSWORD, ALICE + ",carol@real.example").expectSuccess();

    List<byte[]> copies = assertDeliveredAndArchived(List.of(letter));
    assertThat(new String(copies.get(0), ISO_8859_1))
        .startsWith("Return-Path: <bob@real.example>\r\nReceived: from ")
        .contains("with ESMTPSA id ")
        .contains("X-Envelope-From: <bob@real.example>\r\n")
        .contains("X-Envelope-To: <alice@real.example>\r\nX-Envelope-To: <carol@real.example>\r\n");
  }

  @Test
  void swaksIsRefusedByTheRealServer() throws Exception {
    Program.require("swaks");
    Program.Result result = swaks(Letters.text(), "PLAIN", "wrong", ALICE);
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains("535 5.7.8");
  }

  @Test
  void msmtp() throws Exception {
    Program.require("msmtp");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      new Senders(home)
          .msmtp(
              letter,
              servers.port("smtps"),
              BOB,
              ALICE,
              "--tls=on",
              "--tls-starttls=off",
              "--tls-trust-file=" + servers.certificate(),
              "--auth=scram-sha-256",
              "--user=bob",
              "--passwordeval=echo " + MailServers.PASSWORD);
    }
    assertDeliveredAndArchived(letters);
  }

  @Test
  void curl() throws Exception {
    Program.require("curl");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      new Senders(home)
          .curl(
              letter,
              "smtp://localhost:" + servers.port("smtp"),
              "stranger@elsewhere.example",
              ALICE,
              "--ssl-reqd",
              "--cacert",
              servers.certificate().toString());
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
        new Program(home)
            .run(
                dialogue.getBytes(UTF_8),
                "openssl",
                "s_client",
                "-quiet",
                "-ign_eof",
                "-connect",
                "localhost:" + servers.port("smtps"),
                "-CAfile",
                servers.certificate().toString(),
                "-verify_return_error");
    assertThat(result.output()).contains("235 2.7.0", "354 ", "250 2.0.0 Ok: queued", "221 2.0.0");
    assertDeliveredAndArchived(List.of(letter));
  }
}
