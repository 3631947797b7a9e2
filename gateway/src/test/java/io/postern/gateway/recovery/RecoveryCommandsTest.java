package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.postern.gateway.AllInOne;
import io.postern.gateway.Postern;
import io.postern.gateway.client.PinnedTrust;
import io.postern.gateway.client.Pop3Reader;
import io.postern.gateway.client.SmtpSender;
import io.postern.gateway.config.Settings;
import io.postern.gateway.config.SettingsReader;
import io.postern.testkit.Trees;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The commands as an operator uses them, one disaster after the other: beside a running Postern and
 * on its stopped data directory.
 */
class RecoveryCommandsTest {
  private static final String ADDRESS = "archive@example.org";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path folder;
  private Path data;
  private Path passwordFile;
  private AllInOne postern;
  private String password;
  private String output;

  @BeforeEach
  void start() throws Exception {
    data = folder.resolve("data");
    passwordFile = folder.resolve("password");
    run();
    assertThat(command("mailbox", "create", ADDRESS, "--classic")).isZero();
    password = output.strip().lines().reduce((first, last) -> last).orElseThrow();
    Files.writeString(passwordFile, password + "\n");
  }

  @AfterEach
  void stop() {
    if (postern != null) {
      postern.close();
    }
  }

  @Test
  void oneDisasterAfterTheOther() throws Exception {
    for (int i = 0; i < 6; i++) {
      send(i);
    }
    Map<String, byte[]> mail = pull(6);
    String deleted = mail.keySet().iterator().next();
    deleteFirst();
    mail.remove(deleted);
    assertThat(command("audit")).as(output).isZero();
    assertThat(output).contains("nothing is amiss");

    String one = mail.keySet().iterator().next();
    Path object = object(one);
    byte[] octets = Files.readAllBytes(object);
    Files.delete(object);
    assertThat(command("audit", "--json")).isEqualTo(1);
    JsonNode audit = JSON.readTree(output);
    assertThat(audit.get("amiss").asInt()).isEqualTo(1);
    assertThat(audit.get("findings")).hasSize(1);
    assertThat(audit.get("findings").get(0).get("message").asText()).isEqualTo(one);
    assertThat(command("trace", one)).isEqualTo(1);
    assertThat(output).contains("missing", ADDRESS);
    Files.write(object, octets);
    assertThat(command("trace", one)).as(output).isZero();
    assertThat(output).contains("accepted", "sealed", "stored", "fetched");
    assertThat(command("trace", "01arz3ndektsv4rrffq69g5fav")).isEqualTo(1);
    assertThat(command("trace", "nonsense")).isEqualTo(2);

    // The bucket is lost.
    Trees.delete(data.resolve("objects/mailboxes"));
    assertThat(command("audit")).isEqualTo(1);
    assertThat(command("replay", "sealed", "--dry-run", "--json")).isZero();
    assertThat(JSON.readTree(output).get("messages").asInt()).isEqualTo(5);
    assertThat(command("replay", "sealed", "--since", "1h", "--json")).isZero();
    assertThat(JSON.readTree(output).get("messages").asInt()).isEqualTo(5);
    assertThat(command("replay", "sealed", "--json")).isZero();
    assertThat(JSON.readTree(output).get("messages").asInt()).isZero();
    assertSame(pull(5), mail);
    assertThat(command("audit")).as(output).isZero();

    // Kafka is lost, and everything is stopped.
    postern.close();
    postern = null;
    Trees.delete(data.resolve("kafka"));
    assertThat(command("recover", "directory", "--dry-run", "--json")).isZero();
    assertThat(JSON.readTree(output).get("recovered").asInt()).isEqualTo(1);
    assertThat(command("mailbox", "list")).isZero();
    assertThat(output).doesNotContain(ADDRESS);
    assertThat(command("mailbox", "create", "new@example.org")).isEqualTo(1);
    assertThat(output).contains("postern recover directory");
    assertThat(command("recover", "directory")).isZero();
    assertThat(output).contains("1 mailboxes recovered", ADDRESS);
    assertThat(command("recover", "directory", "--json")).isZero();
    assertThat(JSON.readTree(output).get("known").asInt()).isEqualTo(1);
    run();
    assertSame(pull(5), mail);
    send(7);
    assertThat(pull(6)).containsKeys(mail.keySet().toArray(new String[0]));
    assertThat(command("audit")).as(output).isZero();
    assertThat(command("dead", "list")).isZero();
    assertThat(output).contains("no dead letters");
    assertThat(command("dead", "discard", "7")).isEqualTo(1);
    assertThat(command("dead", "replay")).isEqualTo(2);
    export(pull(6));
  }

  private void export(Map<String, byte[]> mail) throws Exception {
    Path out = folder.resolve("out");
    String[] maildir = {
      "export", ADDRESS, "--to", "maildir", out.toString(), "--password-file", passwordFile + ""
    };
    assertThat(command(maildir)).as(output).isZero();
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> names = Files.list(out.resolve("new"))) {
      for (Path file : names.sorted().toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    assertThat(files).hasSize(mail.size());
    int index = 0;
    for (byte[] message : mail.values()) {
      assertThat(files.get(index++)).isEqualTo(message);
    }
    assertThat(command(maildir)).isZero();
    assertThat(output).contains(mail.size() + " were there already");

    String[] mbox = {
      "export", ADDRESS, "--to", "mbox", out.toString(), "--password-file", passwordFile + ""
    };
    assertThat(command(mbox)).isZero();
    String text = Files.readString(out.resolve(ADDRESS + ".mbox"), ISO_8859_1);
    assertThat(text).startsWith("From sender@example.org ");
    assertThat(text.lines().filter(line -> line.startsWith("From "))).hasSize(mail.size());
    assertThat(text.lines().filter(line -> line.startsWith(">From here"))).hasSize(mail.size());
    assertThat(command(mbox)).as("never written over").isEqualTo(1);
    Files.writeString(passwordFile, "wrong");
    assertThat(command(maildir)).isEqualTo(1);
    assertThat(command("export", ADDRESS, "--to", "floppy", out.toString())).isEqualTo(2);
  }

  private void run() {
    postern = AllInOne.start(settings());
  }

  private Settings settings() {
    return new SettingsReader(
            Map.of(
                "POSTERN_DATA", data.toString(),
                "POSTERN_HOSTNAME", "localhost",
                "POSTERN_SMTP_STARTTLS_PORT", "0",
                "POSTERN_SMTP_TLS_PORT", "-1",
                "POSTERN_POP3_STARTTLS_PORT", "-1",
                "POSTERN_POP3_TLS_PORT", "0",
                "POSTERN_HEALTH_PORT", "-1"))
        .readEnvironment();
  }

  /** Runs a command in this process, as the command line does; its exit code. */
  private int command(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--data");
    all.add(data.toString());
    StringWriter out = new StringWriter();
    CommandLine line = Postern.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(out));
    int code = line.execute(all.toArray(new String[0]));
    output = out.toString();
    return code;
  }

  private void send(int number) throws Exception {
    String message =
        "From: sender@example.org\r\nSubject: "
            + number
            + "\r\n\r\nFrom here to there\r\n.\r\n"
            + "0123456789abcdef0123456789abcdef\r\n".repeat(number * 2000)
            + "end\r\n";
    try (SmtpSender sender = new SmtpSender(port("SMTP STARTTLS"), trust())) {
      sender.send("sender@example.org", ADDRESS, message.getBytes(US_ASCII));
    }
  }

  private Map<String, byte[]> pull(int count) throws Exception {
    await().atMost(Duration.ofSeconds(60)).until(() -> count() == count);
    Map<String, byte[]> mail = new LinkedHashMap<>();
    try (Pop3Reader reader = login()) {
      for (int number = 1; number <= count; number++) {
        mail.put(reader.uid(number), reader.retrieve(number));
      }
    }
    return mail;
  }

  private int count() throws Exception {
    try (Pop3Reader reader = login()) {
      return reader.count();
    }
  }

  private void deleteFirst() throws Exception {
    try (Pop3Reader reader = login()) {
      reader.delete(1);
    }
  }

  private Pop3Reader login() throws Exception {
    Pop3Reader reader = new Pop3Reader(port("POP3 TLS"), trust());
    assertThat(reader.login(ADDRESS, password)).isTrue();
    return reader;
  }

  private int port(String name) {
    String address = postern.addresses().get(name);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private SSLContext trust() throws Exception {
    return PinnedTrust.in(postern.certificateFile());
  }

  private Path object(String messageId) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("objects/mailboxes"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(messageId))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((id, message) -> assertThat(message).as(id).isEqualTo(expected.get(id)));
  }
}
