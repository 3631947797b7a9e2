package io.postern.gateway.interop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Programs that send a message by SMTP, each configured to alter nothing. */
final class Senders {
  private final Program program;

  Senders(Path home) {
    this.program = new Program(home);
  }

  /** With more options: how it protects the line, and to whom it goes. */
  Program.Result swaks(byte[] letter, int port, String from, String to, String... options)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "swaks",
                "--server",
                "localhost",
                "--port",
                "" + port,
                "--from",
                from,
                "--to",
                to,
                "--data",
                "@" + file(withoutLastLineEnd(letter))));
    command.addAll(List.of(options));
    return program.run(command.toArray(String[]::new));
  }

  /** swaks ends the last line itself. */
  private static byte[] withoutLastLineEnd(byte[] letter) {
    return Letters.withLf(Arrays.copyOf(letter, letter.length - 2));
  }

  /** With more options: how it protects the line. */
  void curl(byte[] letter, String url, String from, String to, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--mail-from",
                from,
                "--mail-rcpt",
                to,
                "--upload-file",
                file(letter).toString()));
    command.addAll(List.of(options));
    command.add(url);
    program.run(command.toArray(String[]::new)).expectSuccess();
  }

  /** With more options: how it protects the line and who sends. */
  void msmtp(byte[] letter, int port, String from, String to, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("msmtp", "--host=localhost", "--port=" + port, "--from=" + from));
    command.addAll(List.of(options));
    command.addAll(List.of("--", to));
    program.run(Letters.withLf(letter), command.toArray(String[]::new)).expectSuccess();
  }

  private Path file(byte[] octets) throws Exception {
    return program.file("letter-" + System.nanoTime(), octets);
  }
}
