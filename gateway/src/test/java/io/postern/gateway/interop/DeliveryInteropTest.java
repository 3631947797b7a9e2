package io.postern.gateway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import java.nio.file.Path;
import java.util.Arrays;
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
  private Program program;
  private Account account;

  @BeforeEach
  void newMailbox() throws Exception {
    program = new Program(home);
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
      swaks(letter, "--tls", "--port", "" + postern.smtpStarttlsPort()).expectSuccess();
    }
    assertArrived(letters);
  }

  @Test
  void swaksWithTlsFromTheStart() throws Exception {
    Program.require("swaks");
    byte[] letter = Letters.text();
    swaks(letter, "--tls-on-connect", "--port", "" + postern.smtpTlsPort()).expectSuccess();

    assertArrived(List.of(letter));
  }

  private Program.Result swaks(byte[] letter, String tls, String port, String number)
      throws Exception {
    // swaks ends the last line itself.
    byte[] data = Letters.withLf(Arrays.copyOf(letter, letter.length - 2));
    Path file = program.file("letter-" + System.nanoTime(), data);
    return program.run(
        "swaks",
        tls,
        port,
        number,
        "--server",
        "localhost",
        "--tls-verify",
        "--tls-ca-path",
        postern.certificate().toString(),
        "--from",
        RunningPostern.SENDER,
        "--to",
        account.address(),
        "--data",
        "@" + file);
  }

  @Test
  void swaksIsToldWhoIsUnknown() throws Exception {
    Program.require("swaks");
    account = new Account(account.id(), "nobody@postern.example", account.password());
    Program.Result result =
        swaks(Letters.text(), "--tls", "--port", "" + postern.smtpStarttlsPort());

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
    for (int i = 0; i < letters.size(); i++) {
      Path file = program.file("letter-" + i, letters.get(i));
      program
          .run(
              "curl",
              "-sS",
              "--ssl-reqd",
              "--cacert",
              postern.certificate().toString(),
              "--mail-from",
              RunningPostern.SENDER,
              "--mail-rcpt",
              account.address(),
              "--upload-file",
              file.toString(),
              url)
          .expectSuccess();
    }
    assertArrived(letters);
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
              "--port=" + postern.smtpStarttlsPort(),
              "--tls=on",
              "--tls-starttls=on",
              "--tls-trust-file=" + postern.certificate(),
              "--from=" + RunningPostern.SENDER,
              "--",
              account.address())
          .expectSuccess();
    }
    assertArrived(letters);
  }
}
