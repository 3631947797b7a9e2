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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy's promise: what the real server has accepted is in the archive, and nothing that it has
 * refused is there as delivered, at whatever step of the protocol the proxy is killed.
 */
class ProxyCrashTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final Pattern DIGEST = Pattern.compile("X-Digest: ([0-9a-f]{64})");
  private static final Pattern ID = Pattern.compile(" id ([0-9a-z]{26})");
  private static final int CLIENTS = 3;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final int kills = Integer.getInteger("crash.kills", 3);
  private final Random random = new Random(seed);
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /** The steps at which the proxy was killed. */
  private final Map<String, Integer> killedAt = new TreeMap<>();

  private final AtomicInteger stepsLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile PosternProcess running;

  @Test
  void whatTheRealServerAcceptedIsArchivedWheneverTheProxyIsKilled(@TempDir Path folder)
      throws Exception {
    System.err.println("crash.seed=" + seed);
    Path data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    try (RealServer server = new RealServer(random.nextLong(), this::step)) {
      Map<String, String> settings =
          Map.of(
              "POSTERN_WORKERS_SENDER_TIMEOUT_S",
              "8",
              "POSTERN_PROXY_ROUTES",
              "[{name: out, protocol: smtp, port: 0, mailbox: %s, upstream: {host: 127.0.0.1, port: %d, tls: none}}]"
                  .formatted(ADDRESS, server.port()));
      for (int round = 0; round < kills; round++) {
        try (PosternProcess postern = PosternProcess.start(data, settings, "-Xmx512m")) {
          killUnderLoad(postern);
        }
      }
      System.err.println(
          "killed at "
              + killedAt
              + "; accepted "
              + server.accepted.size()
              + ", refused "
              + server.refused.size());
      assertThat(told).as("seed %d", seed).isSubsetOf(server.accepted);
      try (PosternProcess postern = PosternProcess.start(data, settings, "-Xmx512m")) {
        check(postern, data, server);
        postern.stop();
      }
    }
  }

  private void check(PosternProcess postern, Path data, RealServer server) throws Exception {
    Map<String, String> archived = new HashMap<>();
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              archived.clear();
              archived.putAll(pull(postern));
              assertThat(archived.keySet()).as("seed %d", seed).containsAll(server.accepted);
            });
    Set<String> unconfirmed = unconfirmed(data);
    archived.forEach(
        (digest, messageId) -> {
          if (server.refused.contains(digest)) {
            assertThat(unconfirmed)
                .as("seed %d: refused, and archived as delivered", seed)
                .contains(messageId);
          }
        });
  }

  private static Set<String> unconfirmed(Path data) throws IOException {
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

  private void killUnderLoad(PosternProcess postern) throws Exception {
    running = postern;
    stepsLeft.set(1 + random.nextInt(400));
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    List<Future<?>> sending = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      long own = random.nextLong();
      sending.add(
          clients.submit(
              () -> {
                sendUntilItDies(postern, new Random(own));
                return null;
              }));
    }
    for (Future<?> client : sending) {
      client.get(2, TimeUnit.MINUTES);
    }
    clients.shutdown();
    running = null;
  }

  /** Counts; the last one is the proxy's last. */
  private void step(String name) {
    PosternProcess postern = running;
    if (postern != null && stepsLeft.decrementAndGet() == 0) {
      synchronized (killedAt) {
        killedAt.merge(name, 1, Integer::sum);
      }
      postern.kill();
    }
  }

  private void sendUntilItDies(PosternProcess postern, Random own) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), postern.port("proxy out"))) {
      socket.setSoTimeout(60_000);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      expect(in, "220");
      ask(in, out, "EHLO client.example", "250");
      while (true) {
        send(in, out, own);
      }
    } catch (IOException e) {
      // The kill ends every client.
    }
  }

  private void send(BufferedReader in, OutputStream out, Random own) throws IOException {
    StringBuilder body = new StringBuilder();
    int lines = own.nextInt(8) == 0 ? own.nextInt(20_000) : own.nextInt(100);
    for (int i = 0; i <= lines; i++) {
      body.append(Long.toHexString(own.nextLong())).append("\r\n");
    }
    String digest = sha256(body.toString());
    ask(in, out, "MAIL FROM:<sender@postern.example>", "250");
    ask(in, out, "RCPT TO:<somebody@real.example>", "250");
    ask(in, out, "DATA", "354");
    out.write(("X-Digest: " + digest + "\r\n\r\n").getBytes(ISO_8859_1));
    out.flush();
    step("client sent the header");
    out.write(body.toString().getBytes(ISO_8859_1));
    out.flush();
    step("client sent the body");
    out.write(".\r\n".getBytes(ISO_8859_1));
    out.flush();
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
    out.write((command + "\r\n").getBytes(ISO_8859_1));
    out.flush();
    step("client sent " + command.substring(0, 4));
    expect(in, code);
    step("client got " + code + " to " + command.substring(0, 4));
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

  /** Digest → message id of everything in the mailbox, each intact and there once. */
  private Map<String, String> pull(PosternProcess postern) throws Exception {
    Map<String, String> found = new HashMap<>();
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
        assertThat(found.put(digest.group(1), id.group(1))).as("seed %d: twice", seed).isNull();
      }
    }
    return found;
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
