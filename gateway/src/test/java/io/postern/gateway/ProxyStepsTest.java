package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.broker.EmbeddedKafka;
import io.postern.gateway.client.Pop3Reader;
import io.postern.pipeline.Fact;
import io.postern.pipeline.LedgerReader;
import io.postern.pipeline.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxies' promise at every step of the protocols: the proxy is killed once at each of them, at
 * either end, while what stands behind it goes on. A failure prints its seed.
 */
class ProxyStepsTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final Pattern DIGEST = Pattern.compile("X-Digest: ([0-9a-f]{64})");
  private static final Pattern ID = Pattern.compile(" id ([0-9a-z]{26})");
  private static final int MAX_MESSAGES = 50;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final List<String> SMTP_STEPS =
      List.of(
          "client sent EHLO",
          "server got EHLO",
          "server answered EHLO",
          "client got 250 to EHLO",
          "client sent MAIL",
          "server got MAIL",
          "server answered MAIL",
          "client got 250 to MAIL",
          "client sent RCPT",
          "server got RCPT",
          "server answered RCPT",
          "client got 250 to RCPT",
          "client sent DATA",
          "server got DATA",
          "client got 354 to DATA",
          "client sent the header",
          "server got some lines",
          "client sent the body",
          "client sent the dot",
          "server got the dot",
          "server has decided",
          "server answered DATA",
          "client got the answer",
          "client sent RSET",
          "server got RSET",
          "client got 250 to RSET");

  private static final List<String> POP3_STEPS =
      List.of(
          "client sent USER",
          "server got USER",
          "server answered USER",
          "client got USER",
          "server got PASS",
          "server answered PASS",
          "client sent RETR",
          "server got UIDL",
          "server answered UIDL",
          "server got RETR",
          "server sent the status",
          "server sent half",
          "client got half",
          "server sent the text",
          "server sent the dot",
          "client got the dot",
          "client sent DELE",
          "server got DELE",
          "client got DELE");

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final Random random = new Random(seed);
  @TempDir private Path folder;
  private Path data;
  private volatile DoomedProxy proxy;

  @BeforeEach
  void makeTheArchive() throws Exception {
    System.err.println("crash.seed=" + seed);
    data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
  }

  private PosternProcess start() throws IOException {
    return PosternProcess.start(data, Map.of("POSTERN_WORKERS_SENDER_TIMEOUT_S", "8"), "-Xmx512m");
  }

  private void step(String name) {
    DoomedProxy doomed = proxy;
    if (doomed != null) {
      doomed.reached(name);
    }
  }

  // SMTP.

  @Test
  void whatTheServerAcceptedIsArchivedAtWhateverStepTheSmtpProxyIsKilled() throws Exception {
    Set<String> told = new HashSet<>();
    try (PosternProcess postern = start();
        RealServer server = new RealServer(random.nextLong(), this::step)) {
      String route =
          "[{name: out, protocol: smtp, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
              .formatted(ADDRESS, server.port());
      for (String step : SMTP_STEPS) {
        // A session has one EHLO; of the rest some go well before.
        int passes = step.endsWith("EHLO") ? 0 : random.nextInt(3);
        try (DoomedProxy doomed = DoomedProxy.start(data, route, step, passes)) {
          proxy = doomed;
          sendUntilItDies(doomed, told);
          assertThat(doomed.isKilled()).as("seed %d: killed when %s", seed, step).isTrue();
        }
        proxy = null;
      }
      assertThat(told).as("seed %d", seed).isNotEmpty().isSubsetOf(server.accepted);
      assertThat(server.refused).as("seed %d", seed).isNotEmpty();
      checkSent(postern, server);
    }
  }

  private void checkSent(PosternProcess postern, RealServer server) throws IOException {
    Map<String, List<String>> archived = new HashMap<>();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              archived.clear();
              archived.putAll(pull(postern));
              assertThat(archived.keySet()).as("seed %d", seed).containsAll(server.accepted);
            });
    Set<String> unconfirmed = unconfirmed();
    archived.forEach(
        (digest, ids) -> {
          assertThat(ids).as("seed %d: archived once", seed).hasSize(1);
          if (server.refused.contains(digest)) {
            assertThat(unconfirmed)
                .as("seed %d: refused, and archived as delivered", seed)
                .containsAll(ids);
          }
        });
  }

  private Set<String> unconfirmed() throws IOException {
    Set<String> unconfirmed = new HashSet<>();
    new LedgerReader(
            EmbeddedKafka.clientProperties(data.resolve("kafka")).orElseThrow(), Topics.embedded())
        .read(
            Instant.EPOCH,
            fact -> {
              if (Fact.UNCONFIRMED.equals(fact.detail())) {
                unconfirmed.add(fact.messageId());
              }
            });
    return unconfirmed;
  }

  private void sendUntilItDies(DoomedProxy doomed, Set<String> told) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), doomed.port("out"))) {
      BufferedReader in = reader(socket);
      OutputStream out = socket.getOutputStream();
      expect(in, "220");
      ask(in, out, "EHLO client.example", "250");
      for (int i = 0; i < MAX_MESSAGES; i++) {
        send(in, out, told);
        ask(in, out, "RSET", "250");
      }
    } catch (IOException e) {
      // The kill ends the session.
    }
  }

  private void send(BufferedReader in, OutputStream out, Set<String> told) throws IOException {
    String body = body(random.nextBoolean() ? 100 : 20_000);
    String digest = sha256(body);
    ask(in, out, "MAIL FROM:<sender@postern.example>", "250");
    ask(in, out, "RCPT TO:<somebody@real.example>", "250");
    ask(in, out, "DATA", "354");
    write(out, "X-Digest: " + digest + "\r\n\r\n");
    step("client sent the header");
    write(out, body);
    step("client sent the body");
    write(out, ".\r\n");
    step("client sent the dot");
    String reply = in.readLine();
    step("client got the answer");
    if (reply == null || reply.startsWith("4")) {
      throw new IOException("no answer, or trouble on the way down");
    }
    if (reply.startsWith("250")) {
      told.add(digest);
    }
  }

  private void ask(BufferedReader in, OutputStream out, String command, String code)
      throws IOException {
    String verb = command.substring(0, 4);
    write(out, command + "\r\n");
    step("client sent " + verb);
    expect(in, code);
    step("client got " + code + " to " + verb);
  }

  private static void expect(BufferedReader in, String code) throws IOException {
    String line = in.readLine();
    while (line != null && line.startsWith(code + "-")) {
      line = in.readLine();
    }
    if (line == null || !line.startsWith(code)) {
      throw new IOException("expected " + code + " and got " + line);
    }
  }

  // POP3.

  @Test
  void whatTheClientGotWholeIsArchivedOnceAtWhateverStepThePop3ProxyIsKilled() throws Exception {
    // A message more than there are steps: each session gets one further at least.
    List<String> digests = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < POP3_STEPS.size() + 4; i++) {
      String body = body(random.nextInt(4) == 0 ? 20_000 : 100);
      digests.add(sha256(body));
      messages.add("X-Digest: " + digests.get(i) + "\r\n\r\n" + body);
    }
    Fetching fetching = new Fetching(digests);
    try (PosternProcess postern = start();
        RealMaildrop server = new RealMaildrop(messages, this::step)) {
      String route =
          "[{name: in, protocol: pop3s, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
              .formatted(ADDRESS, server.port());
      for (int round = 0; round < POP3_STEPS.size(); round++) {
        String step = POP3_STEPS.get(round);
        try (DoomedProxy doomed = DoomedProxy.start(data, route, step, passes(step, round))) {
          proxy = doomed;
          fetching.untilItDies(doomed.port("in"), postern.trust(), round + 4);
          assertThat(doomed.isKilled()).as("seed %d: killed when %s", seed, step).isTrue();
        }
        proxy = null;
      }
      assertThat(fetching.whole).as("seed %d", seed).isNotEmpty();
      checkFetched(postern, fetching);
    }
  }

  /** Logging in comes once; of the rest all messages of former sessions go well, and some more. */
  private int passes(String step, int round) {
    return step.endsWith("USER") || step.endsWith("PASS") ? 0 : random.nextInt(round + 4);
  }

  private void checkFetched(PosternProcess postern, Fetching fetching) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pull(postern).keySet()).as("seed %d", seed).containsAll(fetching.whole));
    Map<String, List<String>> archived = pullAtRest(postern);
    archived.forEach(
        (digest, ids) ->
            assertThat(ids.size())
                .as("seed %d: copies of %s", seed, digest)
                .isBetween(1, 1 + fetching.cutShort.getOrDefault(digest, 0)));
  }

  /** Workers have dropped by then what never got its end. */
  private Map<String, List<String>> pullAtRest(PosternProcess postern) {
    try {
      return pull(postern);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What one client fetches, session after session, and what it has got whole. */
  private final class Fetching {
    private final List<String> digests;
    private final Set<String> whole = new HashSet<>();

    /**
     * Sessions that ended in a message that the client had not got whole before: these may copy it
     * again.
     */
    private final Map<String, Integer> cutShort = new TreeMap<>();

    Fetching(List<String> digests) {
      this.digests = digests;
    }

    void untilItDies(int port, SSLContext trust, int count) {
      String current = null;
      try (Socket socket =
          trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
        BufferedReader in = reader(socket);
        OutputStream out = socket.getOutputStream();
        expect(in, "+OK");
        command(in, out, "USER alice");
        command(in, out, "PASS secret");
        for (int number = 1; number <= count; number++) {
          current = digests.get(number - 1);
          retrieve(in, out, number, current);
          current = null;
          command(in, out, "DELE " + number);
        }
      } catch (IOException e) {
        if (current != null && !whole.contains(current)) {
          cutShort.merge(current, 1, Integer::sum);
        }
      }
    }

    private void retrieve(BufferedReader in, OutputStream out, int number, String digest)
        throws IOException {
      write(out, "RETR " + number + "\r\n");
      step("client sent RETR");
      expect(in, "+OK");
      StringBuilder message = new StringBuilder();
      for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
        if (line == null) {
          throw new IOException("the message has no end");
        }
        if (message.length() == 0) {
          step("client got half");
        }
        message.append(line).append("\r\n");
      }
      assertThat(sha256(message.substring(message.indexOf("\r\n\r\n") + 4))).isEqualTo(digest);
      whole.add(digest);
      step("client got the dot");
    }

    private void command(BufferedReader in, OutputStream out, String command) throws IOException {
      write(out, command + "\r\n");
      step("client sent " + command.substring(0, 4));
      expect(in, "+OK");
      step("client got " + command.substring(0, 4));
    }
  }

  // Both.

  private String body(int maxLines) {
    StringBuilder body = new StringBuilder();
    int lines = 1 + random.nextInt(maxLines);
    for (int i = 0; i < lines; i++) {
      body.append(Long.toHexString(random.nextLong())).append("\r\n");
    }
    return body.toString();
  }

  /** Digest → message ids of everything in the mailbox, each intact. */
  private Map<String, List<String>> pull(PosternProcess postern) throws Exception {
    Map<String, List<String>> found = new HashMap<>();
    try (Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust())) {
      assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
      int count = reader.count();
      for (int number = 1; number <= count; number++) {
        String message = new String(reader.retrieve(number), ISO_8859_1);
        Matcher digest = DIGEST.matcher(message);
        Matcher id = ID.matcher(message);
        assertThat(digest.find() && id.find()).as("seed %d", seed).isTrue();
        String body = message.substring(message.indexOf("\r\n\r\n") + 4);
        assertThat(sha256(body)).as("seed %d", seed).isEqualTo(digest.group(1));
        found.computeIfAbsent(digest.group(1), key -> new ArrayList<>()).add(id.group(1));
      }
    }
    return found;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    socket.setSoTimeout(60_000);
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(ISO_8859_1)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
