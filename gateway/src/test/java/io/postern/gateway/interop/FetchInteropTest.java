package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.interop.RunningPostern.Account;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private Fetchers fetchers;

  @BeforeEach
  void fillAMailbox() throws Exception {
    program = new Program(home);
    account = postern.newMailbox(false);
    postern.deliver(account, letters);
    fetchers = new Fetchers(home, postern.certificate(), account.address(), account.password());
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

  private int port(boolean tlsFromTheStart) {
    return tlsFromTheStart ? postern.pop3TlsPort() : postern.pop3StlsPort();
  }

  @Test
  void getmail() throws Exception {
    Program.require("getmail");
    assertFetchedAndDeleted(fetchers.getmail(postern.pop3TlsPort()), lettersWithLf());
  }

  @ParameterizedTest(name = "TLS from the start: {0}")
  @ValueSource(booleans = {true, false})
  void fetchmail(boolean tlsFromTheStart) throws Exception {
    Program.require("fetchmail");
    assertFetchedAndDeleted(
        fetchers.fetchmail(port(tlsFromTheStart), tlsFromTheStart), lettersWithLf());
  }

  @ParameterizedTest(name = "TLS from the start: {0}")
  @ValueSource(booleans = {true, false})
  void mpop(boolean tlsFromTheStart) throws Exception {
    Program.require("mpop");
    assertFetchedAndDeleted(fetchers.mpop(port(tlsFromTheStart), tlsFromTheStart), lettersWithLf());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pop3", "pop3s"})
  void curl(String scheme) throws Exception {
    Program.require("curl");
    String url = scheme + "://localhost:" + port(scheme.equals("pop3s")) + "/";
    List<byte[]> fetched = new ArrayList<>();
    for (int number = 1; number <= letters.size(); number++) {
      fetched.add(fetchers.curl(url + number));
    }
    for (int number = letters.size(); number >= 1; number--) {
      fetchers.curlDeletes(url + number);
    }
    assertFetchedAndDeleted(fetched, letters);
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
            "" + port(tlsFromTheStart),
            postern.certificate().toString(),
            account.address(),
            account.password(),
            fetched.toString())
        .expectSuccess();

    assertFetchedAndDeleted(Fetchers.contents(fetched), letters);
  }
}
