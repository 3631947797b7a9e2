package io.postern.gateway.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.Sha256;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy as a container, in front of other containers: mail passes it, both ways, and what
 * passes is in the archive's mailbox. The services that ask for no proxy run without one.
 */
@Tag("container")
@Timeout(900)
class ProxyServiceTest {
  private static final int MESSAGES = 60;
  private static final long SEED = Long.getLong("container.seed", System.nanoTime());
  private static final String USER = "bob@example.org";

  @TempDir private Path folder;
  private Compose compose;
  private Stack stack;

  @BeforeEach
  void setUp() {
    Compose.requireEngine();
    compose = new Compose("compose.yaml");
    stack = new Stack(compose, () -> compose.ports("pop3-frontend", 2995));
  }

  @AfterEach
  void tearDown() {
    if (compose != null) {
      compose.compose("", "--profile", "proxy", "rm", "-s", "-f", "proxy");
      compose.close();
    }
  }

  @Test
  void whatPassesIsArchived() throws Exception {
    Stack.say("seed " + SEED);
    compose.up();
    assertThat(compose.containers("proxy")).as("nobody has asked for it").isEmpty();
    stack.trust(folder);
    Mailbox archive = stack.create("archive@example.org");
    Mailbox bob = stack.create(USER);
    compose.with("POSTERN_PROXY_ROUTES", routes(fingerprint(folder.resolve("certificate.pem"))));
    compose.compose("", "--profile", "proxy", "up", "-d", "--no-build", "proxy");
    try (Senders senders =
        new Senders(
            () -> compose.ports("proxy", 1587),
            stack.trust(folder),
            SEED,
            MESSAGES,
            Duration.ZERO,
            number -> USER)) {
      assertThat(senders.await(300)).as("every message got its 250").isTrue();
      stack.awaitStored(2 * MESSAGES);
      check(bob.fetch(), senders);
      check(archive.fetch(), senders);
    } catch (AssertionError | RuntimeException e) {
      System.err.println(compose.logs());
      throw e;
    }
    fetchThroughTheProxy(bob, archive);
  }

  /** What is fetched is archived once more, since it came another way; and only once. */
  private void fetchThroughTheProxy(Mailbox bob, Mailbox archive) {
    Map<String, Mail.Digest> direct = bob.fetch();
    int sent = archive.count();
    Mailbox through =
        new Mailbox(
            USER, Stack.password(USER), () -> compose.ports("proxy", 1995), stack.trusted());
    assertThat(through.fetch().equals(direct)).as("the same mail").isTrue();
    stack.awaitStored(direct.size() + sent + direct.size());
    compose.docker("start", compose.kill("proxy"));
    assertThat(through.fetch().equals(direct)).as("the same mail again").isTrue();
    assertThat(archive.count()).as("copied once").isEqualTo(sent + direct.size());
  }

  private static void check(Map<String, Mail.Digest> fetched, Senders senders) {
    Map<Integer, Integer> copies = new TreeMap<>();
    for (Mail.Digest mail : fetched.values()) {
      assertThat(mail).isEqualTo(Mail.of(SEED, mail.number()).digest());
      copies.merge(mail.number(), 1, Integer::sum);
    }
    for (int number = 0; number < MESSAGES; number++) {
      assertThat(copies.getOrDefault(number, 0))
          .as("copies of message %s", number)
          .isBetween(1, 1 + senders.unknown(number));
    }
  }

  private static String routes(String fingerprint) {
    return """
        [{name: out, protocol: submission, port: 1587, mailbox: archive@example.org, \
        upstream: {host: ingest, port: 2525, fingerprint: %1$s}}, \
        {name: in, protocol: pop3s, port: 1995, mailbox: archive@example.org, \
        upstream: {host: pop3-frontend, port: 2995, fingerprint: %1$s}}]"""
        .formatted(fingerprint);
  }

  private static String fingerprint(Path certificate) throws Exception {
    try (InputStream pem = Files.newInputStream(certificate)) {
      byte[] own = CertificateFactory.getInstance("X.509").generateCertificate(pem).getEncoded();
      return Sha256.hex(own);
    }
  }
}
