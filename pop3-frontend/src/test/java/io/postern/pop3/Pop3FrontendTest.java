package io.postern.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mailbox.Mailbox;
import io.postern.pipeline.Fact;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service does with real keys, a real store, and a client that counts octets. */
@Timeout(120)
class Pop3FrontendTest {
  private static final int CHUNK_BYTES = 64 * 1024;

  @TempDir Path folder;
  private Gate gate;
  private Mailbox alice;

  @BeforeEach
  void setUp() throws IOException {
    gate = new Gate(folder);
    alice = gate.mailbox("alice@example.org");
  }

  @AfterEach
  void tearDown() {
    gate.close();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 2, 3, 100, 65_534, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 3_000_001})
  void givesOutEveryOctet(int sizeBytes) throws IOException {
    byte[] message = message(sizeBytes);
    gate.put(alice, 1, message);
    try (Pop3Client client = loggedIn()) {
      assertThat(client.command("LIST 1")).isEqualTo("+OK 1 " + sizeBytes);
      assertThat(client.retrieve(1)).isEqualTo(message);
      client.command("TOP 1 99999999");
      assertThat(client.body()).isEqualTo(message);
    }
  }

  @Test
  void givesOutManySmallMessagesThatWereFetchedAhead() throws IOException {
    int count = 100;
    for (int n = 1; n <= count; n++) {
      gate.put(alice, n, message(1000 + 2 * n));
    }
    try (Pop3Client client = loggedIn()) {
      for (int n = 1; n <= count; n++) {
        assertThat(client.retrieve(n)).isEqualTo(message(1000 + 2 * n));
      }
      StringBuilder batch = new StringBuilder();
      for (int n = 1; n <= count; n++) {
        batch.append("RETR ").append(n).append("\r\n");
      }
      client.send(batch.toString());
      for (int n = 1; n <= count; n++) {
        assertThat(client.line()).isEqualTo("+OK " + (1000 + 2 * n) + " octets");
        assertThat(client.body()).isEqualTo(message(1000 + 2 * n));
      }
      assertThat(client.command("QUIT")).isEqualTo("+OK bye");
    }
    assertThat(gate.registry.counter("postern.pop3.messages.fetched.ahead").count())
        .isGreaterThan(count / 2.0);
    Awaitility.await().untilAsserted(() -> assertThat(gate.store.openStreams).hasValue(0));
    assertThat(gate.ledger.messages(Fact.Kind.FETCHED)).hasSize(count).doesNotHaveDuplicates();
  }

  @Test
  void readsOnlyTheBeginningForATop() throws IOException {
    byte[] message = message(20_000_000);
    gate.put(alice, 1, message);
    try (Pop3Client client = loggedIn()) {
      client.command("TOP 1 0");
      assertThat(client.body()).isEqualTo("Subject: test\r\n\r\n".getBytes(US_ASCII));
      assertThat(client.command("NOOP")).startsWith("+OK");
    }
    assertThat(gate.store.readBytes).hasValueLessThan(8L * CHUNK_BYTES);
    Awaitility.await().untilAsserted(() -> assertThat(gate.store.openStreams).hasValue(0));
    assertThat(gate.ledger.messages(Fact.Kind.FETCHED)).isEmpty();
  }

  @Test
  void readsNoFurtherThanTheClientDoes() throws IOException {
    gate.put(alice, 1, message(24_000_000));
    try (Pop3Client client = loggedIn()) {
      client.command("RETR 1");
      Awaitility.await()
          .during(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(gate.store.readBytes).hasValueLessThan(16_000_000));
    }
    Awaitility.await().untilAsserted(() -> assertThat(gate.store.openStreams).hasValue(0));
  }

  @Test
  void closesWithoutTheLastDotWhereDamageShowsLater() throws IOException {
    String key = gate.put(alice, 1, message(300_000));
    gate.damage(key, 200_000);
    try (Pop3Client client = loggedIn()) {
      assertThat(client.command("RETR 1")).isEqualTo("+OK 300000 octets");
      assertThat(client.body()).isNull();
    }
    try (Pop3Client client = loggedIn()) {
      client.command("TOP 1 0");
      assertThat(client.body()).isNotNull();
    }
    assertThat(gate.registry.counter("postern.pop3.messages.damaged").count()).isPositive();
  }

  @Test
  void givesNoCompleteAnswerWhereAnObjectIsCutShort() throws IOException {
    String key = gate.put(alice, 1, message(300_000));
    byte[] whole;
    try (var in = gate.store.get(key, 0)) {
      whole = in.readAllBytes();
    }
    int payload = whole.length - 300_000 - 5 * 16;
    int[] lengths = {whole.length - 1, payload + 4 * (CHUNK_BYTES + 16), payload, 10, 0};
    for (int length : lengths) {
      gate.store.put(key, whole);
      try (Pop3Client client = loggedIn()) {
        gate.store.put(key, Arrays.copyOf(whole, length));
        String reply = client.command("RETR 1");
        assertThat(reply.startsWith("-ERR") || client.body() == null).isTrue();
      }
    }
  }

  @Test
  void takesABrokenTransferUpAgain() throws IOException {
    byte[] message = message(3_000_000);
    gate.put(alice, 1, message);
    gate.store.breakAfterBytes = 700_001;
    try (Pop3Client client = loggedIn()) {
      assertThat(client.retrieve(1)).isEqualTo(message);
    }
  }

  @Test
  void deletesAtQuitAndTellsTheLedgerFirst() throws IOException {
    List<String> keys = put(3);
    try (Pop3Client client = loggedIn()) {
      client.command("DELE 1");
      client.command("DELE 3");
      assertThat(gate.store.stat(keys.get(0))).isPresent();
      assertThat(gate.ledger.messages(Fact.Kind.DELETED)).isEmpty();
      assertThat(client.command("QUIT")).isEqualTo("+OK bye");
      assertThat(client.line()).isNull();
    }
    assertThat(gate.store.stat(keys.get(0))).isEmpty();
    assertThat(gate.store.stat(keys.get(1))).isPresent();
    assertThat(gate.store.stat(keys.get(2))).isEmpty();
    assertThat(gate.ledger.messages(Fact.Kind.DELETED))
        .containsExactly("01jd%022d".formatted(1), "01jd%022d".formatted(3));
  }

  @Test
  void deletesNothingThatTheLedgerDoesNotKnowOf() throws IOException {
    List<String> keys = put(1);
    gate.ledger.away = true;
    try (Pop3Client client = loggedIn()) {
      client.command("DELE 1");
      assertThat(client.command("QUIT"))
          .isEqualTo("-ERR [SYS/TEMP] some deleted messages not removed");
    }
    assertThat(gate.store.stat(keys.get(0))).isPresent();
  }

  @Test
  void deletesNothingWhenTheConnectionIsLost() throws IOException {
    List<String> keys = put(2);
    try (Pop3Client client = loggedIn()) {
      client.command("DELE 1");
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        gate.registry
                            .get("postern.connections.open")
                            .tag("listener", "pop3-tls")
                            .gauge()
                            .value())
                    .isZero());
    assertThat(gate.store.stat(keys.get(0))).isPresent();
  }

  @Test
  void deletesMoreThanOneBatch() throws IOException {
    int count = 2_345;
    for (int n = 1; n <= count; n++) {
      gate.put(alice, n, new byte[0]);
    }
    try (Pop3Client client = loggedIn()) {
      StringBuilder batch = new StringBuilder();
      IntStream.rangeClosed(1, count).forEach(n -> batch.append("DELE ").append(n).append("\r\n"));
      client.send(batch + "QUIT\r\n");
      String line = client.line();
      while (line.endsWith("deleted")) {
        line = client.line();
      }
      assertThat(line).isEqualTo("+OK bye");
    }
    assertThat(gate.ledger.messages(Fact.Kind.DELETED)).hasSize(count).doesNotHaveDuplicates();
    try (Pop3Client client = loggedIn()) {
      assertThat(client.command("STAT")).isEqualTo("+OK 0 0");
    }
  }

  @Test
  void twoSessionsWorkOnOneMailbox() throws IOException {
    put(3);
    try (Pop3Client one = loggedIn();
        Pop3Client two = loggedIn()) {
      one.command("DELE 1");
      one.command("DELE 2");
      assertThat(one.command("QUIT")).isEqualTo("+OK bye");
      assertThat(two.command("STAT")).startsWith("+OK 3 ");
      assertThat(two.command("RETR 1"))
          .isEqualTo("-ERR the message has been deleted by another session");
      assertThat(two.retrieve(3)).isEqualTo(message(200));
      two.command("DELE 1");
      two.command("DELE 3");
      assertThat(two.command("QUIT")).isEqualTo("+OK bye");
    }
  }

  @Test
  void keepsToTheSnapshot() throws IOException {
    put(1);
    try (Pop3Client client = loggedIn()) {
      gate.put(alice, 2, message(10));
      assertThat(client.command("STAT")).isEqualTo("+OK 1 200");
      assertThat(client.command("RETR 2")).startsWith("-ERR");
    }
  }

  @Test
  void asksForPatienceUntilTheDirectoryIsReady() throws IOException {
    gate.directory.ready = false;
    try (Pop3Client client = new Pop3Client(gate.frontend.tlsPort())) {
      assertThat(client.logIn("alice", Gate.PASSWORD)).startsWith("-ERR [SYS/TEMP] ");
      gate.directory.ready = true;
      assertThat(client.logIn("alice", Gate.PASSWORD)).startsWith("+OK ");
    }
  }

  /** An archiver that is told of wrong credentials may give the account up. */
  @Test
  void asksForPatienceWhereNobodyHasAMailbox(@TempDir Path folder) throws Exception {
    try (Gate lost = new Gate(folder);
        Pop3Client client = new Pop3Client(lost.frontend.tlsPort())) {
      assertThat(client.logIn("alice", Gate.PASSWORD)).startsWith("-ERR [SYS/TEMP] ");
      lost.mailbox("alice@example.org");
      assertThat(client.logIn("alice", Gate.PASSWORD)).startsWith("+OK ");
    }
  }

  @Test
  void refusesWorkFactorsAboveTheLimitLikeAWrongPassword() throws IOException {
    gate.mailbox("dear@example.org", 11);
    try (Pop3Client client = new Pop3Client(gate.frontend.tlsPort())) {
      assertThat(client.logIn("dear", Gate.PASSWORD))
          .isEqualTo("-ERR [AUTH] wrong user name or password");
    }
  }

  @Test
  void tellsNobodyFromSomebodyByNothing() throws IOException {
    try (Pop3Client client = new Pop3Client(gate.frontend.tlsPort())) {
      String wrong = client.logIn("alice", "wrong");
      assertThat(client.logIn("nobody", "wrong")).isEqualTo(wrong);
      // What a login to nobody is tried against is alice's identity: her password opens nothing.
      assertThat(client.logIn("nobody", Gate.PASSWORD)).isEqualTo(wrong);
    }
  }

  @Test
  void refusesEvenTheRightPasswordAfterManyWrongOnes() throws IOException {
    try (Gate strict = new Gate(folder, 2)) {
      strict.mailbox("alice@example.org");
      try (Pop3Client client = new Pop3Client(strict.frontend.tlsPort())) {
        assertThat(client.logIn("alice", Gate.PASSWORD)).startsWith("+OK ");
      }
      try (Pop3Client client = new Pop3Client(strict.frontend.tlsPort())) {
        assertThat(client.logIn("alice", "wrong")).startsWith("-ERR [AUTH] ");
        assertThat(client.logIn("nobody", "wrong")).startsWith("-ERR [AUTH] ");
        assertThat(client.logIn("alice", Gate.PASSWORD))
            .isEqualTo("-ERR [SYS/TEMP] too many failed logins, try again later");
      }
    }
  }

  @Test
  void mistakesNoSessionThatEndsForDamage() throws IOException {
    put(50);
    for (int session = 0; session < 20; session++) {
      try (Pop3Client client = loggedIn()) {
        client.send("RETR 1\r\nRETR 2\r\nRETR 3\r\n");
      }
    }
    Awaitility.await().untilAsserted(() -> assertThat(gate.store.openStreams).hasValue(0));
    assertThat(gate.registry.counter("postern.pop3.messages.damaged").count()).isZero();
  }

  private List<String> put(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(
            n -> {
              try {
                return gate.put(alice, n, message(200));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            })
        .toList();
  }

  private Pop3Client loggedIn() throws IOException {
    Pop3Client client = new Pop3Client(gate.frontend.tlsPort());
    assertThat(client.logIn("alice@example.org", Gate.PASSWORD)).startsWith("+OK ");
    return client;
  }

  /** A header, and then lines of any octets, many of which begin with dots; ends with CRLF. */
  private static byte[] message(int sizeBytes) {
    byte[] message = new byte[sizeBytes];
    Random random = new Random(sizeBytes);
    random.nextBytes(message);
    for (int i = 0; i < sizeBytes; i++) {
      if (message[i] == '\r' || message[i] == '\n') {
        message[i] = ' ';
      }
    }
    for (int at = 60; at + 2 < sizeBytes; at += 1 + random.nextInt(200)) {
      byte[] end = "\r\n.\r\n..".getBytes(ISO_8859_1);
      System.arraycopy(end, 0, message, at, Math.min(end.length, sizeBytes - at));
      at += end.length;
    }
    byte[] header = "Subject: test\r\n\r\n".getBytes(ISO_8859_1);
    System.arraycopy(header, 0, message, 0, Math.min(header.length, sizeBytes));
    if (sizeBytes >= 2) {
      message[sizeBytes - 2] = '\r';
      message[sizeBytes - 1] = '\n';
    }
    return message;
  }
}
