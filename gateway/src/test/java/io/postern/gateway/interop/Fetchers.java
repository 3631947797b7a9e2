package io.postern.gateway.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Programs that fetch a mailbox by POP3, each configured to check our certificate, to alter nothing
 * and to delete what it has.
 */
final class Fetchers {
  private final Path home;
  private final Program program;
  private final Path certificate;
  private final String user;
  private final String password;

  Fetchers(Path home, Path certificate, String user, String password) {
    this.home = home;
    this.program = new Program(home);
    this.certificate = certificate;
    this.user = user;
    this.password = password;
  }

  /** TLS from the start; the messages it has got. */
  List<byte[]> getmail(int port) throws Exception {
    Path fetched = Files.createTempDirectory(home, "fetched");
    program.file(
        "getmailrc",
        """
        [retriever]
        type = SimplePOP3SSLRetriever
        server = localhost
        port = %d
        username = %s
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
            .formatted(port, user, password, certificate, mda(fetched)));
    program.run("getmail", "--getmaildir", home.toString()).expectSuccess();
    return contents(fetched);
  }

  /** The messages it has got. */
  List<byte[]> fetchmail(int port, boolean tlsFromTheStart) throws Exception {
    Path fetched = Files.createTempDirectory(home, "fetched");
    Path settings =
        program.file(
            "fetchmailrc",
            """
            set invisible
            poll localhost protocol pop3 service %d
              user "%s" password "%s"
              sslproto "TLS1.2+" sslcertck sslcertfile "%s" %s
              fetchall no keep no rewrite pass8bits mda "sh %s"
            """
                .formatted(
                    port, user, password, certificate, tlsFromTheStart ? "ssl" : "", mda(fetched)));
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
    return contents(fetched);
  }

  /** The messages it has got. */
  List<byte[]> mpop(int port, boolean tlsFromTheStart) throws Exception {
    Path maildir = Files.createTempDirectory(home, "maildir");
    for (String part : List.of("tmp", "new", "cur")) {
      Files.createDirectory(maildir.resolve(part));
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
            user %s
            password %s
            delivery maildir %s
            uidls_file %s
            keep off
            received_header off
            """
                .formatted(
                    port,
                    tlsFromTheStart ? "off" : "on",
                    certificate,
                    user,
                    password,
                    maildir,
                    maildir.resolve("uidls")));
    program.run("mpop", "--file=" + settings).expectSuccess();
    return contents(maildir.resolve("new"));
  }

  /** The message that a URL names, which stays where it is. */
  byte[] curl(String url) throws Exception {
    Path file = Files.createTempFile(home, "fetched", "");
    curl(url, "--output", file.toString());
    return Files.readAllBytes(file);
  }

  void curlDeletes(String url) throws Exception {
    curl(url, "--head", "--request", "DELE");
  }

  private void curl(String url, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--ssl-reqd",
                "--cacert",
                certificate.toString(),
                "--user",
                user + ":" + password));
    command.addAll(List.of(options));
    command.add(url);
    program.run(command.toArray(String[]::new)).expectSuccess();
  }

  /** A shell script that takes one message and keeps it in a folder. */
  private Path mda(Path folder) throws IOException {
    return program.file(
        "mda-" + folder.getFileName(), "cat > \"$(mktemp " + folder + "/XXXXXXXX)\"\n");
  }

  /** The files of a folder. */
  static List<byte[]> contents(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<byte[]> contents = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        contents.add(Files.readAllBytes(file));
      }
      return contents;
    }
  }
}
