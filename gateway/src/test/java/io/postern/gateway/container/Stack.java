package io.postern.gateway.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.gateway.client.PinnedTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** An installation that runs, with mailboxes and mail in it, and what is compared at the end. */
final class Stack {
  private static final Duration STORED_WITHIN = Duration.ofMinutes(4);
  private static final long POLL_MS = 2_000;

  private final Compose compose;
  private final Supplier<List<Integer>> pop3;
  private final List<Mailbox> mailboxes = new ArrayList<>();
  private SSLContext trust;

  /**
   * @param pop3 where to fetch by TLS
   */
  Stack(Compose compose, Supplier<List<Integer>> pop3) {
    this.compose = compose;
    this.pop3 = pop3;
  }

  /** Takes the certificate that was made on first start, to trust it and no other. */
  SSLContext trust(Path folder) throws IOException, GeneralSecurityException {
    if (trust == null) {
      Path file = folder.resolve("certificate.pem");
      Files.writeString(file, compose.read("ingest", "/secrets/tls/certificate.pem"));
      trust = PinnedTrust.in(file);
    }
    return trust;
  }

  /** Makes a mailbox as the README says. */
  Mailbox create(String address) {
    String password = password(address);
    compose.postern(password + "\n", "mailbox", "create", address, "--password-stdin", "--classic");
    Mailbox mailbox = new Mailbox(address, password, pop3, trust);
    mailboxes.add(mailbox);
    return mailbox;
  }

  static String password(String address) {
    return "a password for " + address;
  }

  /** What {@link #trust} has taken. */
  SSLContext trusted() {
    return trust;
  }

  /** The address that a message goes to: most to the first mailbox, the rest to the others. */
  String addressOf(int number) {
    int other = number % 4 == 0 ? 1 + (number / 4) % (mailboxes.size() - 1) : 0;
    return mailboxes.get(other).address();
  }

  /** Waits until so many are stored; more than the wanted ones are seen when they are compared. */
  void awaitStored(int messages) {
    long deadlineNanos = System.nanoTime() + STORED_WITHIN.toNanos();
    int stored = mailboxes.stream().mapToInt(Mailbox::count).sum();
    while (stored < messages && System.nanoTime() < deadlineNanos) {
      pause(POLL_MS);
      stored = mailboxes.stream().mapToInt(Mailbox::count).sum();
    }
    assertThat(stored).as("messages stored").isGreaterThanOrEqualTo(messages);
  }

  /** Fetches everything and compares every octet: none lost, none double, none altered. */
  Map<Mailbox, Map<String, Mail.Digest>> fetchAndCompare(Senders senders, long seed, int messages) {
    Map<Integer, Integer> copies = new TreeMap<>();
    Map<Mailbox, Map<String, Mail.Digest>> all = new LinkedHashMap<>();
    for (Mailbox mailbox : mailboxes) {
      Map<String, Mail.Digest> fetched = mailbox.fetch();
      all.put(mailbox, fetched);
      fetched.forEach(
          (uid, mail) -> {
            assertThat(mail).isEqualTo(Mail.of(seed, mail.number()).digest());
            assertThat(addressOf(mail.number())).as("%s", mail).isEqualTo(mailbox.address());
            copies.merge(mail.number(), 1, Integer::sum);
          });
    }
    for (int number = 0; number < messages; number++) {
      assertThat(copies.getOrDefault(number, 0))
          .as("copies of message %s", number)
          .isBetween(1, 1 + senders.unknown(number));
    }
    return all;
  }

  /** Tells how far a test of minutes is, and when. */
  static void say(String line) {
    System.out.println(
        "containers: " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
  }

  /** Between looks at something that another process does. */
  static void pause(long ms) {
    LockSupport.parkNanos(Duration.ofMillis(ms).toNanos());
  }
}
