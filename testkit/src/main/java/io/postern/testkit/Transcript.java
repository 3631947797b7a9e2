package io.postern.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A conversation with a server, one behaviour a file. Each line of the file is one of
 *
 * <pre>
 * # a comment
 * C: a line that the client sends; CRLF is added
 * C-: octets that the client sends; nothing is added
 * C*1000: the same a thousand times over, then CRLF
 * C-*1000: the same a thousand times over
 * S: a line that the server sends; … stands for any characters
 * S+: some lines, the last of which is this
 * S*: what the server says until it closes: any lines, each of them this
 * A: what the application behind the server did (…)
 * TLS      the client's side of the handshake
 * CLOSE    the server closes the connection
 * </pre>
 *
 * <p>Client octets may hold {@code \r \n \t \0 \\ \xHH}. Neighbouring client lines are sent as one,
 * which is how pipelining is written.
 */
public final class Transcript {
  private static final Pattern LINE =
      Pattern.compile("(?<who>[CSA])(?<how>[-+*]?)(?:\\*(?<times>\\d+))?:(?: (?<text>.*))?");

  private final String name;
  private final List<Step> steps = new ArrayList<>();

  private Transcript(String name) {
    this.name = name;
  }

  public static Transcript read(Path file) throws IOException {
    Transcript transcript = new Transcript(file.getFileName().toString());
    int number = 0;
    for (String line : Files.readAllLines(file, UTF_8)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        transcript.steps.add(parse(line, transcript.name + ":" + number));
      }
    }
    return transcript;
  }

  public String name() {
    return name;
  }

  /**
   * Plays the client and checks the server.
   *
   * @param chunkBytes how many octets are sent at a time
   */
  public void play(Dialogue dialogue, int chunkBytes) {
    ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    for (Step step : steps) {
      if (step.octets != null) {
        unsent.writeBytes(step.octets);
      } else {
        send(dialogue, unsent, chunkBytes);
        step.check.on(dialogue);
      }
    }
    send(dialogue, unsent, chunkBytes);
    dialogue.expectNothingMore();
  }

  private static void send(Dialogue dialogue, ByteArrayOutputStream unsent, int chunkBytes) {
    byte[] octets = unsent.toByteArray();
    unsent.reset();
    for (int from = 0; from < octets.length; ) {
      int to = (int) Math.min((long) from + chunkBytes, octets.length);
      dialogue.send(Arrays.copyOfRange(octets, from, to));
      from = to;
    }
  }

  private static Step parse(String line, String where) {
    if (line.equals("TLS")) {
      return new Step(null, Dialogue::startTls);
    }
    if (line.equals("CLOSE")) {
      return new Step(null, d -> assertThat(d.receive()).as("%s: the end", where).isNull());
    }
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException(where + ": not a transcript line: " + line);
    }
    String text = parts.group("text") == null ? "" : parts.group("text");
    String how = parts.group("how");
    return switch (parts.group("who")) {
      case "C" -> new Step(TranscriptText.sent(text, parts.group("times"), how.equals("-")), null);
      case "S" -> new Step(null, expectation(where, text, how));
      default ->
          new Step(
              null,
              d ->
                  assertThat(d.observe())
                      .as(where)
                      .isNotNull()
                      .matches(TranscriptText.wildcards(text, UTF_8)));
    };
  }

  private static Check expectation(String where, String text, String how) {
    Pattern expected = TranscriptText.wildcards(text, UTF_8);
    return switch (how) {
      case "+" -> d -> expectLast(d, where, expected);
      case "*" -> d -> expectAllToTheEnd(d, where, expected);
      default -> d -> assertThat(d.receive()).as(where).isNotNull().matches(expected);
    };
  }

  private static void expectLast(Dialogue dialogue, String where, Pattern expected) {
    List<String> seen = new ArrayList<>();
    for (String line = dialogue.receive(); line != null; line = dialogue.receive()) {
      seen.add(line);
      if (expected.matcher(line).matches()) {
        return;
      }
    }
    fail("%s: none of %s is \"%s\"", where, seen, expected);
  }

  private static void expectAllToTheEnd(Dialogue dialogue, String where, Pattern expected) {
    for (String line = dialogue.receive(); line != null; line = dialogue.receive()) {
      assertThat(line).as(where).matches(expected);
    }
  }

  /** Client octets, or a check. */
  private record Step(byte[] octets, Check check) {}

  private interface Check {
    void on(Dialogue dialogue);
  }
}
