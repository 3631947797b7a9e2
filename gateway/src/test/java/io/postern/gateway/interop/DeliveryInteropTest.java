package io.postern.gateway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Mail programs deliver, over TLS with our certificate checked, and nothing is altered. */
@Tag("interop")
class DeliveryInteropTest {
  @RegisterExtension static final RunningPostern postern = new RunningPostern();

  @TempDir Path home;
  private Senders senders;
  private Account account;

  @BeforeEach
  void newMailbox() throws Exception {
    senders = new Senders(home);
    account = postern.newMailbox(false);
  }

  private void assertArrived(List<byte[]> sent) throws Exception {
    List<byte[]> arrived = postern.pull(account, sent.size());
    for (int i = 0; i < sent.size(); i++) {
      Letters.assertEndsWith(arrived.get(i), sent.get(i));
    }
  }

  @Test
  void swaksWithStarttls() throws Exception {
    Program.require("swaks");
    // All with a body: to a header alone swaks adds an empty line.
    List<byte[]> letters = List.of(Letters.text(), Letters.large(300_000));
    for (byte[] letter : letters) {
      swaks(letter, postern.smtpStarttlsPort(), "--tls").expectSuccess();
    }
    assertArrived(letters);
  }

  @Test
  void swaksWithTlsFromTheStart() throws Exception {
    Program.require("swaks");
    byte[] letter = Letters.text();
    swaks(letter, postern.smtpTlsPort(), "--tls-on-connect").expectSuccess();

    assertArrived(List.of(letter));
  }

  private Program.Result swaks(byte[] letter, int port, String tls) throws Exception {
    return senders.swaks(
        letter,
        port,
        RunningPostern.SENDER,
        account.address(),
        tls,
        "--tls-verify",
        "--tls-ca-path",
        postern.certificate().toString());
  }

  @Test
  void swaksIsToldWhoIsUnknown() throws Exception {
    Program.require("swaks");
    account = new Account(account.id(), "nobody@postern.example", account.password());
    Program.Result result = swaks(Letters.text(), postern.smtpStarttlsPort(), "--tls");

    assertThat(result.exitCode()).isEqualTo(24); // No recipient was accepted.
    assertThat(result.output()).contains("550 5.1.1");
  }

  @Test
  void curlWithStarttls() throws Exception {
    assertCurlDelivers("smtp://localhost:" + postern.smtpStarttlsPort());
  }

  @Test
  void curlWithTlsFromTheStart() throws Exception {
    assertCurlDelivers("smtps://localhost:" + postern.smtpTlsPort());
  }

  private void assertCurlDelivers(String url) throws Exception {
    Program.require("curl");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      senders.curl(
          letter,
          url,
          RunningPostern.SENDER,
          account.address(),
          "--ssl-reqd",
          "--cacert",
          postern.certificate().toString());
    }
    assertArrived(letters);
  }

  @Test
  void msmtp() throws Exception {
    Program.require("msmtp");
    List<byte[]> letters = Letters.some();
    for (byte[] letter : letters) {
      senders.msmtp(
          letter,
          postern.smtpStarttlsPort(),
          RunningPostern.SENDER,
          account.address(),
          "--tls=on",
          "--tls-starttls=on",
          "--tls-trust-file=" + postern.certificate());
    }
    assertArrived(letters);
  }
}
