package io.postern.gateway.interop;

import io.postern.wire.TlsMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real mail server for {@code real.example}, instances of their own: Postfix takes mail from
 * users who log in (by Dovecot's SASL) and for the users themselves, Dovecot hands it out over
 * POP3.
 */
final class MailServers {
  static final String PASSWORD = "real secret";
  static final List<String> USERS = List.of("alice", "bob", "carol", "dave");

  /** Debian's user for such things. */
  private static final int MAIL_UID = 8;

  private static final String DOVECOT =
      """
      base_dir = %1$s/run
      state_dir = %1$s/run
      log_path = %1$s/dovecot.log
      protocols = pop3
      listen = 127.0.0.1
      ssl = yes
      ssl_cert = <%1$s/tls/certificate.pem
      ssl_key = <%1$s/tls/key.pem
      auth_mechanisms = plain login cram-md5 scram-sha-256
      first_valid_uid = 1
      mail_location = maildir:~/Maildir
      passdb {
        driver = passwd-file
        args = %1$s/users
      }
      userdb {
        driver = static
        args = uid=%2$d gid=%2$d home=%1$s/mail/%%u
      }
      service auth {
        unix_listener %1$s/queue/private/auth {
          mode = 0666
        }
      }
      service pop3-login {
        inet_listener pop3 {
          port = %3$d
        }
        inet_listener pop3s {
          port = %4$d
          ssl = yes
        }
      }
      """;

  private static final String POSTFIX =
      """
      myhostname = real.example
      mynetworks =
      message_size_limit = 0
      virtual_mailbox_limit = 0
      virtual_mailbox_domains = real.example
      virtual_mailbox_base = %1$s/mail
      virtual_mailbox_maps = inline:{ %2$s }
      virtual_minimum_uid = 1
      virtual_uid_maps = static:%3$d
      virtual_gid_maps = static:%3$d
      default_transport = error:no other mail here
      smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
      smtpd_client_connection_count_limit = 0
      smtpd_sasl_auth_enable = yes
      smtpd_sasl_type = dovecot
      smtpd_sasl_path = private/auth
      smtpd_tls_auth_only = yes
      smtpd_tls_security_level = may
      smtpd_tls_cert_file = %1$s/tls/certificate.pem
      smtpd_tls_key_file = %1$s/tls/key.pem
      smtpd_tls_loglevel = 1
      """;

  private static final String LISTENING =
      """
      127.0.0.1:%d inet n - n - - smtpd
      127.0.0.1:%d inet n - n - - smtpd
        -o smtpd_tls_wrappermode=yes
      """;

  private final Path home;
  private final Postfix postfix;
  private final int[] ports = new int[4];

  private MailServers(Path home) throws IOException {
    this.home = home;
    this.postfix = new Postfix(home);
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Ports.free();
    }
  }

  /** Starts both; skips the test, and says so, where that cannot be. */
  static MailServers start(Path home) throws Exception {
    Postfix.require();
    Program.require("dovecot");
    MailServers servers = new MailServers(home);
    servers.start();
    return servers;
  }

  private void start() throws Exception {
    TlsMaterial.selfSigned(
        home.resolve("tls"), "localhost", new SecureRandom(), InstantSource.system());
    Files.createDirectory(home.resolve("run"));
    Program.own(Files.createDirectory(home.resolve("mail")), "mail");
    List<String> accounts = new ArrayList<>();
    List<String> boxes = new ArrayList<>();
    for (String user : USERS) {
      accounts.add(user + ":{PLAIN}" + PASSWORD + "::::::");
      boxes.add("{ " + user + "@real.example = " + user + "/Maildir/ }");
    }
    Files.write(home.resolve("users"), accounts);
    postfix.start(
        POSTFIX.formatted(home, String.join(", ", boxes), MAIL_UID),
        LISTENING.formatted(smtpPort(), smtpsPort()));
    Path settings =
        Files.writeString(
            home.resolve("dovecot.conf"), DOVECOT.formatted(home, MAIL_UID, popPort(), popsPort()));
    new Program(home).run("/usr/sbin/dovecot", "-c", settings.toString()).expectSuccess();
    Ports.awaitListening(ports);
  }

  /** With STARTTLS. */
  int smtpPort() {
    return ports[0];
  }

  int smtpsPort() {
    return ports[1];
  }

  /** With STLS. */
  int popPort() {
    return ports[2];
  }

  int popsPort() {
    return ports[3];
  }

  /** What signs their certificate: itself. It is for the name localhost. */
  Path certificate() {
    return home.resolve("tls/certificate.pem");
  }

  /** What a user has got and nobody has fetched. */
  List<byte[]> received(String user) throws IOException {
    List<byte[]> messages = new ArrayList<>();
    for (Path file : files(home.resolve("mail").resolve(user).resolve("Maildir/new"))) {
      messages.add(Files.readAllBytes(file));
    }
    return messages;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Puts a message, with LF, into a user's mailbox. */
  void drop(String user, byte[] message) throws Exception {
    Path maildir = home.resolve("mail").resolve(user).resolve("Maildir");
    if (Files.notExists(maildir)) {
      for (String part : List.of("tmp", "new", "cur")) {
        Program.own(Files.createDirectories(maildir.resolve(part)), "mail");
      }
      Program.own(maildir, "mail");
      Program.own(maildir.getParent(), "mail");
    }
    Path file = maildir.resolve("new").resolve(System.nanoTime() + ".drop.localhost");
    Files.write(file, message);
    Program.own(file, "mail");
  }

  void stop() throws Exception {
    postfix.stop();
    Program.stop(home.resolve("run/master.pid"));
  }
}
