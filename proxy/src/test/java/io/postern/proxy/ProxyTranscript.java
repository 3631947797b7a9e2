package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.TranscriptText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A conversation of three: a client, the proxy, a mail server. Each line of a file is one of
 *
 * <pre>
 * # a comment
 * C: a line that the client sends        C-: the same without CRLF   C*1000: the same so many times, then CRLF
 * S: a line that the client gets         … stands for any characters   S-: octets without CRLF
 * U: a line that the mail server gets    U-: octets without CRLF
 * R: a line that the mail server sends   R-: the same without CRLF
 * A: what the archive did                FAULT away | full | breaks | none
 * TLS, UTLS          the client's, the mail server's side of the handshake
 * CLOSE, UCLOSE      the proxy closes the connection with the client, with the mail server
 * VANISH, UVANISH    the client, the mail server is gone without a word
 * TIMEOUT, UTIMEOUT  the client, the mail server is silent for too long
 * UDISCARD           whatever the mail server has got by now is of no interest
 * NOBODY             the mail server cannot be reached
 * </pre>
 *
 * <p>Neighbouring lines of one sender are sent as one.
 */
final class ProxyTranscript {
  private static final Pattern LINE =
      Pattern.compile("(?<who>[CSURA])(?<bare>-?)(?:\\*(?<times>\\d+))?:(?: (?<text>.*))?");
  private static final long PATIENCE_S = 20;

  private final String name;
  private final List<String> lines;
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private char sender;

  private ProxyTranscript(String name, List<String> lines) {
    this.name = name;
    this.lines = lines;
  }

  static ProxyTranscript read(Path file) throws IOException {
    return new ProxyTranscript(file.getFileName().toString(), Files.readAllLines(file, UTF_8));
  }

  /** Settings of the route in the first lines: {@code # route: deliver submission …}. */
  List<String> routeWords() {
    return lines.stream()
        .filter(line -> line.startsWith("# route: "))
        .flatMap(line -> Arrays.stream(line.substring("# route: ".length()).split(" ")))
        .toList();
  }

  /** Whether it waits for time to pass, {@code # memory only}. */
  boolean isForMemoryOnly() {
    return lines.contains("# memory only");
  }

  void play(Stage stage) throws InterruptedException {
    int number = 0;
    for (String line : lines) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        try {
          step(stage, line);
        } catch (AssertionError e) {
          throw new AssertionError(name + ":" + number + ": " + line + "\n" + e.getMessage(), e);
        }
      }
    }
    flush(stage);
    stage.client().expectNothingMore();
    stage.upstream().expectNothingMore();
    assertThat(new ArrayList<>(stage.archive().deeds)).as("unexpected deeds").isEmpty();
  }

  private void step(Stage stage, String line) throws InterruptedException {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      flush(stage);
      command(stage, line);
      return;
    }
    char who = parts.group("who").charAt(0);
    String text = parts.group("text") == null ? "" : parts.group("text");
    boolean bare = !parts.group("bare").isEmpty();
    if (who == 'C' || who == 'R') {
      if (who != sender) {
        flush(stage);
      }
      sender = who;
      unsent.writeBytes(TranscriptText.sent(text, parts.group("times"), bare));
      return;
    }
    flush(stage);
    switch (who) {
      case 'S' -> expect(stage.client(), text, bare);
      case 'U' -> expect(stage.upstream(), text, bare);
      default ->
          assertThat(deed(stage)).isNotNull().matches(TranscriptText.wildcards(text, ISO_8859_1));
    }
  }

  private static String deed(Stage stage) throws InterruptedException {
    // In memory, whatever is to happen happens when somebody listens.
    stage.client().receive(0);
    return stage.archive().deeds.poll(PATIENCE_S, TimeUnit.SECONDS);
  }

  private static void expect(Peer peer, String text, boolean bare) {
    if (bare) {
      byte[] expected = TranscriptText.octets(text);
      assertThat(new String(peer.receive(expected.length), ISO_8859_1))
          .isEqualTo(new String(expected, ISO_8859_1));
    } else {
      assertThat(peer.receiveLine())
          .isNotNull()
          .matches(TranscriptText.wildcards(text, ISO_8859_1));
    }
  }

  private void command(Stage stage, String line) {
    switch (line) {
      case "TLS" -> stage.client().startTls();
      case "UTLS" -> stage.upstream().startTls();
      case "CLOSE" -> stage.client().awaitEnd();
      case "UCLOSE" -> stage.upstream().awaitEnd();
      case "VANISH" -> stage.client().vanish();
      case "UVANISH" -> stage.upstream().vanish();
      case "TIMEOUT" -> stage.client().awaitTimeout();
      case "UTIMEOUT" -> stage.upstream().awaitTimeout();
      case "UDISCARD" -> stage.upstream().discard();
      case "NOBODY" -> stage.refuseConnections();
      case "FAULT away" -> stage.archive().fault = FakeArchive.Fault.AWAY;
      case "FAULT full" -> stage.archive().fault = FakeArchive.Fault.FULL;
      case "FAULT breaks" -> stage.archive().fault = FakeArchive.Fault.BREAKS;
      case "FAULT none" -> stage.archive().fault = FakeArchive.Fault.NONE;
      case "SLOW" -> stage.archive().slow = true;
      default -> throw new IllegalArgumentException("not a transcript line: " + line);
    }
  }

  private void flush(Stage stage) {
    byte[] octets = unsent.toByteArray();
    unsent.reset();
    if (octets.length > 0) {
      (sender == 'C' ? stage.client() : stage.upstream()).send(octets);
    }
  }
}
