package io.postern.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing of a message is found in what a loaded, killed and restarted process leaves on disk,
 * Kafka's logs included, nor in the log that it writes at its most talkative.
 */
class LeakTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final int SMALL = 200;
  private static final int LARGE = 4;
  private static final int LINES_OF_LARGE = 60_000;

  /** What no file may hold, by what it is of a message or a login. */
  private static final Map<String, String> SECRETS =
      new TreeMap<>(
          Map.of(
              "envelope sender", "zaphod.envelope@heart-of-gold.example",
              "address inside", "trillian.inside@heart-of-gold.example",
              "subject", "Subject-of-the-infinite-improbability",
              "body", "body.text.that.nobody.else.would.write",
              "attachment", "attached octets that nobody else has",
              "password", PASSWORD,
              "wrong password", "horse-correct-staple",
              "unknown recipient", "nobody.of.that.name@postern.example"));

  private final Path data;

  LeakTest(@TempDir Path folder) {
    data = folder.resolve("data");
  }

  @Test
  void nothing_of_a_message_is_on_disk_or_in_the_log() throws Exception {
    Map<String, String> talkative = Map.of("POSTERN_LOG", "TRACE");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    try (PosternProcess postern = PosternProcess.start(data, talkative, "-Xmx512m")) {
      send(postern, SMALL);
      giveUpHalfWay(postern);
      awaitStored(postern, SMALL + LARGE);
      failAtEveryDoor(postern);
      expectNoTraces("while it runs");
      send(postern, SMALL);
      postern.kill();
    }
    expectNoTraces("after kill -9");
    try (PosternProcess postern = PosternProcess.start(data, talkative, "-Xmx512m")) {
      awaitStored(postern, 2 * (SMALL + LARGE));
      fetchAll(postern);
      postern.stop();
    }
    expectNoTraces("after a clean stop");
  }

  /** The search itself finds what is there: in plain text, in base64, in a name. */
  @Test
  void a_leak_would_be_found(@TempDir Path folder) throws IOException {
    String secret = SECRETS.get("body");
    Path name = Files.createFile(folder.resolve("a-" + secret));
    Path plain = Files.writeString(folder.resolve("plain"), "x".repeat(100_000) + secret);
    Path encoded =
        Files.writeString(
            folder.resolve("encoded"),
            Base64.getEncoder().encodeToString(("?" + secret + "?").getBytes(UTF_8)));
    for (Path file : List.of(name, plain, encoded)) {
      assertThat(traces(file)).as(file.toString()).containsExactly("body in " + file);
    }
  }

  private static void send(PosternProcess postern, int small) throws Exception {
    try (SmtpSender sender = new SmtpSender(postern.port("SMTP STARTTLS"), postern.trust())) {
      for (int i = 0; i < small; i++) {
        sender.send(SECRETS.get("envelope sender"), ADDRESS, message(1));
      }
      for (int i = 0; i < LARGE; i++) {
        sender.send(SECRETS.get("envelope sender"), ADDRESS, message(LINES_OF_LARGE));
      }
    }
  }

  private static void giveUpHalfWay(PosternProcess postern) throws Exception {
    SmtpSender sender = new SmtpSender(postern.port("SMTP STARTTLS"), postern.trust());
    sender.begin(SECRETS.get("envelope sender"), ADDRESS, message(LINES_OF_LARGE));
    sender.abandon();
  }

  private static void failAtEveryDoor(PosternProcess postern) throws Exception {
    SmtpSender sender = new SmtpSender(postern.port("SMTP STARTTLS"), postern.trust());
    assertThat(
            catchReply(
                () ->
                    sender.send(
                        SECRETS.get("envelope sender"),
                        SECRETS.get("unknown recipient"),
                        message(1))))
        .contains("550 5.1.1");
    sender.abandon();
    try (Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust())) {
      assertThat(reader.login(ADDRESS, SECRETS.get("wrong password"))).isFalse();
    }
  }

  private interface Sending {
    void run() throws IOException;
  }

  private static String catchReply(Sending sending) {
    try {
      sending.run();
      return "nothing was refused";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static byte[] message(int lines) {
    String attachment =
        Base64.getMimeEncoder()
            .encodeToString(SECRETS.get("attachment").repeat(20).getBytes(StandardCharsets.UTF_8));
    return ("From: "
            + SECRETS.get("address inside")
            + "\r\nSubject: "
            + SECRETS.get("subject")
            + "\r\n\r\n"
            + (SECRETS.get("body") + "\r\n").repeat(lines)
            + attachment
            + "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void awaitStored(PosternProcess postern, int messages) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              try (Pop3Reader reader = login(postern)) {
                return reader.count() == messages;
              }
            });
  }

  private static void fetchAll(PosternProcess postern) throws Exception {
    try (Pop3Reader reader = login(postern)) {
      int count = reader.count();
      for (int number = 1; number <= count; number++) {
        assertThat(new String(reader.retrieve(number), StandardCharsets.UTF_8))
            .contains(SECRETS.get("subject"), SECRETS.get("envelope sender"));
        reader.delete(number);
      }
    }
  }

  private static Pop3Reader login(PosternProcess postern) throws Exception {
    Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust());
    assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
    return reader;
  }

  private void expectNoTraces(String when) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<String> found =
          Stream.concat(files, Stream.of(PosternProcess.log(data)))
              .flatMap(file -> traces(file).stream())
              .toList();
      assertThat(found).as(when).isEmpty();
    }
  }

  /** Which secrets a file holds or is named after. */
  private static List<String> traces(Path file) {
    String content = file.getFileName() + "\n" + read(file);
    return SECRETS.entrySet().stream()
        .filter(secret -> forms(secret.getValue()).anyMatch(content::contains))
        .map(secret -> secret.getKey() + " in " + file)
        .toList();
  }

  /** A running broker removes files while they are looked at. */
  private static String read(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** Plain, and what stays the same of it in base64 wherever it begins. */
  private static Stream<String> forms(String secret) {
    return Stream.concat(
        Stream.of(secret),
        IntStream.range(0, 3)
            .mapToObj(
                shift -> {
                  byte[] octets = (" ".repeat(shift) + secret).getBytes(StandardCharsets.UTF_8);
                  String encoded = Base64.getEncoder().withoutPadding().encodeToString(octets);
                  return encoded.substring(shift == 0 ? 0 : shift + 1, encoded.length() - 1);
                }));
  }
}
