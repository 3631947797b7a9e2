package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archivers' programs pull over TLS with our certificate checked, and delete what they have. */
@Tag("interop")
class FetchInteropTest {
  @RegisterExtension static final RunningPostern postern = new RunningPostern();

  @TempDir Path home;
  private final List<byte[]> letters = Letters.some();
  private Program program;
  private Account account;

  @BeforeEach
  void fillAMailbox() throws Exception {
    program = new Program(home);
    account = postern.newMailbox(false);
    postern.deliver(account, letters);
  }

  /** Each message is there once, in whatever order, and Postern has none of them any more. */
  private void assertFetchedAndDeleted(List<byte[]> fetched, List<byte[]> expected)
      throws Exception {
    assertThat(fetched).hasSameSizeAs(expected);
    List<byte[]> rest = new ArrayList<>(fetched);
    for (byte[] letter : expected) {
      byte[] found =
          rest.stream()
              .filter(whole -> Letters.messageId(whole).equals(Letters.messageId(letter)))
              .findFirst()
              .orElseThrow();
      Letters.assertEndsWith(found, letter);
      rest.remove(found);
    }
    assertThat(postern.count(account)).isZero();
  }

  private List<byte[]> lettersWithLf() {
    return letters.stream().map(Letters::withLf).toList();
  }

  private static List<byte[]> contents(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<byte[]> contents = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        contents.add(Files.readAllBytes(file));
      }
      return contents;
    }
  }

  /** A shell script that takes one message and keeps it in the folder "fetched". */
  private Path mda() throws IOException {
    Path fetched = Files.createDirectory(home.resolve("fetched"));
    return program.file("mda", "cat > \"$(mktemp " + fetched + "/XXXXXXXX)\"\n");
  }

  private Path maildir() throws IOException {
    Path maildir = home.resolve("maildir");
    for (String part : List.of("tmp", "new", "cur")) {
      Files.createDirectories(maildir.resolve(part));
    }
    return maildir;
  }

  @Test
  void getmail() throws Exception {
    Program.require("getmail");
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
            .formatted(
                postern.pop3TlsPort(),
                account.address(),
                account.password(),
                postern.certificate(),
                mda()));
    program.run("getmail", "--getmaildir", home.toString()).expectSuccess();

    assertFetchedAndDeleted(contents(home.resolve("fetched")), lettersWithLf());
  }

  @ParameterizedTest(name = "TLS from the start: {0}")
  @ValueSource(booleans = {true, false})
  void fetchmail(boolean tlsFromTheStart) throws Exception {
    Program.require("fetchmail");
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
                    tlsFromTheStart ? postern.pop3TlsPort() : postern.pop3StlsPort(),
                    account.address(),
                    account.password(),
                    postern.certificate(),
                    tlsFromTheStart ? "ssl" : "",
                    mda()));
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

    assertFetchedAndDeleted(contents(home.resolve("fetched")), lettersWithLf());
  }

  @ParameterizedTest(name = "TLS from the start: {0}")
  @ValueSource(booleans = {true, false})
  void mpop(boolean tlsFromTheStart) throws Exception {
    Program.require("mpop");
    Path maildir = maildir();
    Path settings =
        program.file(
            "mpoprc",
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
                    tlsFromTheStart ? postern.pop3TlsPort() : postern.pop3StlsPort(),
                    tlsFromTheStart ? "off" : "on",
                    postern.certificate(),
                    account.address(),
                    account.password(),
                    maildir,
                    home.resolve("uidls")));
    program.run("mpop", "--file=" + settings).expectSuccess();

    assertFetchedAndDeleted(contents(maildir.resolve("new")), lettersWithLf());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pop3", "pop3s"})
  void curl(String scheme) throws Exception {
    Program.require("curl");
    int port = scheme.equals("pop3s") ? postern.pop3TlsPort() : postern.pop3StlsPort();
    String url = scheme + "://localhost:" + port + "/";
    Path fetched = Files.createDirectory(home.resolve("fetched"));
    for (int number = 1; number <= letters.size(); number++) {
      curl("--output", fetched.resolve("" + number).toString(), url + number);
    }
    for (int number = letters.size(); number >= 1; number--) {
      curl("--head", "--request", "DELE", url + number);
    }
    assertFetchedAndDeleted(contents(fetched), letters);
  }

  private void curl(String option, String value, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--ssl-reqd",
                "--cacert",
                postern.certificate().toString(),
                "--user",
                account.address() + ":" + account.password(),
                option,
                value));
    command.addAll(List.of(more));
    program.run(command.toArray(String[]::new)).expectSuccess();
  }

  @ParameterizedTest(name = "TLS from the start: {0}")
  @ValueSource(booleans = {true, false})
  void poplib(boolean tlsFromTheStart) throws Exception {
    Program.require("python3");
    Path fetched = Files.createDirectory(home.resolve("fetched"));
    program
        .run(
            """
            import poplib, ssl, sys
            how, port, certificate, user, password, directory = sys.argv[1:]
            poplib._MAXLINE = 1 << 20
            trust = ssl.create_default_context(cafile=certificate)
            if how == "tls":
                pop = poplib.POP3_SSL("localhost", int(port), context=trust)
            else:
                pop = poplib.POP3("localhost", int(port))
                pop.stls(context=trust)
            pop.user(user)
            pop.pass_(password)
            count, size = pop.stat()
            uids = [line.split()[1] for line in pop.uidl()[1]]
            assert len(set(uids)) == count, uids
            total = 0
            for number in range(1, count + 1):
                lines = pop.retr(number)[1]
                message = b"".join(line + b"\\r\\n" for line in lines)
                assert pop.list(number).split()[2] == b"%d" % len(message)
                top = pop.top(number, 0)[1]
                assert top == lines[:len(top)] and top[-1] == b""
                total += len(message)
                open("%s/%d" % (directory, number), "wb").write(message)
                pop.dele(number)
            assert total == size, (total, size)
            pop.quit()
            """
                .getBytes(UTF_8),
            "python3",
            "-",
            tlsFromTheStart ? "tls" : "stls",
            "" + (tlsFromTheStart ? postern.pop3TlsPort() : postern.pop3StlsPort()),
            postern.certificate().toString(),
            account.address(),
            account.password(),
            fetched.toString())
        .expectSuccess();

    assertFetchedAndDeleted(contents(fetched), letters);
  }
}
