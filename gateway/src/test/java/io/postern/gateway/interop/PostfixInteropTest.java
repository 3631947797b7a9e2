package io.postern.gateway.interop;

import io.postern.gateway.interop.RunningPostern.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Postfix as it relays for an organisation, an instance of its own: {@code always_bcc} sends a copy
 * of everything to a mailbox of ours, over verified TLS or not at all. All other mail it discards.
 */
@Tag("interop")
class PostfixInteropTest {
  private static final String SETTINGS =
      """
      myhostname = mx.postern.example
      mynetworks = 127.0.0.0/8
      always_bcc = %1$s
      default_transport = discard
      transport_maps = inline:{ { %1$s = smtp:[localhost]:%2$d } }
      smtp_host_lookup = native
      smtp_tls_security_level = verify
      smtp_tls_CAfile = %3$s
      smtp_tls_verify_cert_match = nexthop
      smtp_tls_loglevel = 1
      """;

  @RegisterExtension static final RunningPostern postern = new RunningPostern();

  @TempDir Path home;
  private Postfix postfix;
  private Senders senders;
  private Account account;
  private int port;

  @BeforeEach
  void start() throws Exception {
    Program.require("curl");
    Postfix.require();
    senders = new Senders(home);
    account = postern.newMailbox(false);
    port = Ports.free();
    postfix = new Postfix(home);
    Path certificate = Files.copy(postern.certificate(), home.resolve("certificate.pem"));
    postfix.start(
        SETTINGS.formatted(account.address(), postern.smtpStarttlsPort(), certificate),
        "127.0.0.1:%d inet n - n - - smtpd\n".formatted(port));
    Ports.awaitListening(port);
  }

  @AfterEach
  void stop() throws Exception {
    if (postfix != null) {
      postfix.stop();
    }
  }

  @Test
  void relaysACopyOfEverything() throws Exception {
    List<byte[]> letters = Letters.some();
    for (int i = 0; i < letters.size(); i++) {
      senders.curl(
          letters.get(i),
          "smtp://127.0.0.1:" + port,
          RunningPostern.SENDER,
          "somebody@elsewhere.example");
      // One at a time: Postfix may deliver in another order.
      postern.awaitCount(account, i + 1);
    }
    List<byte[]> copies = postern.pull(account, letters.size());
    for (int i = 0; i < letters.size(); i++) {
      Letters.assertEndsWith(copies.get(i), letters.get(i));
    }
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(this::logSaysVerified);
  }

  private boolean logSaysVerified() throws IOException {
    return postfix.log().contains("Verified TLS connection established");
  }
}
