package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clients fetch the mailbox of dave through the proxies from Dovecot's POP3: each message
 * leaves one copy in the archive.
 */
@Tag("interop")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProxyFetchInteropTest {
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

  private List<byte[]> dropSome() throws Exception {
    List<byte[]> letters = List.of(Letters.text(), Letters.large(300_000));
    for (byte[] letter : letters) {
      servers.real.drop("dave", Letters.withLf(letter));
    }
    return letters;
  }

  private void assertArchived(List<byte[]> letters) throws Exception {
    List<byte[]> copies = servers.copies(letters);
    for (int i = 0; i < letters.size(); i++) {
      Letters.assertEndsWith(copies.get(i), letters.get(i));
      assertThat(new String(copies.get(i), ISO_8859_1)).contains("X-Envelope-To: <dave>");
    }
  }

  @Test
  void clientsFetch() throws Exception {
    Program.require("getmail", "fetchmail", "mpop", "curl");
    Fetchers fetchers = new Fetchers(home, servers.certificate(), "dave", MailServers.PASSWORD);
    List<byte[]> letters = dropSome();
    List<byte[]> fetched = new ArrayList<>();
    // curl fetches and leaves; twice, and there is one copy.
    for (int round = 0; round < 2; round++) {
      for (int number = 1; number <= letters.size(); number++) {
        fetched.add(fetchers.curl("pop3s://localhost:" + servers.port("pop3s") + "/" + number));
      }
    }
    assertArchived(letters);
    for (byte[] letter : letters) {
      Letters.assertEndsWith(ProxiedServers.of(letter, fetched), letter);
    }

    // mpop takes what is there and deletes it; these messages are known.
    fetchers.mpop(servers.port("pop3s"), true);
    assertArchived(letters);

    letters = dropSome();
    fetchers.fetchmail(servers.port("pop3"), false);
    assertArchived(letters);
    letters = dropSome();
    fetchers.getmail(servers.port("pop3s"));
    assertArchived(letters);
    letters = dropSome();
    fetchers.mpop(servers.port("pop3"), false);
    assertArchived(letters);
  }
}
