package io.postern.gateway.interop;

import io.postern.gateway.interop.RunningPostern.Account;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
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
  private static final String MAIN =
      """
      compatibility_level = 3.6
      queue_directory = %1$s/queue
      data_directory = %1$s/data
      maillog_file = %1$s/log
      maillog_file_prefixes = %1$s
      multi_instance_enable = yes
      myhostname = mx.postern.example
      mydestination =
      inet_interfaces = 127.0.0.1
      inet_protocols = ipv4
      mynetworks = 127.0.0.0/8
      alias_maps =
      local_recipient_maps =
      always_bcc = %2$s
      default_transport = discard
      transport_maps = inline:{ { %2$s = smtp:[localhost]:%3$d } }
      smtp_host_lookup = native
      smtp_tls_security_level = verify
      smtp_tls_CAfile = %4$s
      smtp_tls_verify_cert_match = nexthop
      smtp_tls_loglevel = 1
      """;

  private static final String MASTER =
      """
      127.0.0.1:%d inet n - n - - smtpd
      cleanup   unix n - n - 0 cleanup
      qmgr      unix n - n 300 1 qmgr
      rewrite   unix - - n - - trivial-rewrite
      bounce    unix - - n - 0 bounce
      defer     unix - - n - 0 bounce
      trace     unix - - n - 0 bounce
      smtp      unix - - n - - smtp
      error     unix - - n - - error
      retry     unix - - n - - error
      discard   unix - - n - - discard
      anvil     unix - - n - 1 anvil
      scache    unix - - n - 1 scache
      tlsmgr    unix - - n 1000? 1 tlsmgr
      proxymap  unix - - n - - proxymap
      postlog   unix-dgram n - n - 1 postlogd
      """;

  @RegisterExtension static final RunningPostern postern = new RunningPostern();

  @TempDir Path home;
  private Senders senders;
  private Account account;
  private int port;

  @BeforeEach
  void start() throws Exception {
    Program.require("postfix", "curl");
    requireRoot();
    senders = new Senders(home);
    account = postern.newMailbox(false);
    port = freePort();
    // Postfix's own users walk through here.
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path settings = Files.createDirectory(home.resolve("etc"));
    Files.createDirectory(home.resolve("queue"));
    Path data = Files.createDirectory(home.resolve("data"));
    Files.setOwner(
        data,
        data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix"));
    Path certificate = Files.copy(postern.certificate(), home.resolve("certificate.pem"));
    Files.writeString(
        settings.resolve("main.cf"),
        MAIN.formatted(home, account.address(), postern.smtpStarttlsPort(), certificate));
    Files.writeString(settings.resolve("master.cf"), MASTER.formatted(port));
    new Program(home).run("/usr/sbin/postfix", "-c", settings.toString(), "start").expectSuccess();
    Awaitility.await().ignoreExceptions().until(this::listens);
  }

  private static void requireRoot() {
    if (!"root".equals(System.getProperty("user.name"))) {
      System.err.println("SKIPPED: the program postfix runs as root only");
      Assumptions.abort("the program postfix runs as root only");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private boolean listens() throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
    return true;
  }

  @AfterEach
  void stop() throws Exception {
    Path pidFile = home.resolve("queue/pid/master.pid");
    if (Files.exists(pidFile)) {
      ProcessHandle master =
          ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
      master.destroy();
      master.onExit().get(30, TimeUnit.SECONDS);
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
    return Files.readString(home.resolve("log")).contains("Verified TLS connection established");
  }
}
