package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.util.function.Consumer;

/** A mail client before a proxy under test, which tells of every step before and after it. */
final class SteppingClient {
  private static final int TIMEOUT_MS = 60_000;

  private final BufferedReader in;
  private final OutputStream out;
  private final Consumer<String> steps;

  /**
   * @param socket stays the caller's
   * @param steps hears of every step
   */
  SteppingClient(Socket socket, Consumer<String> steps) throws IOException {
    socket.setSoTimeout(TIMEOUT_MS);
    this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    this.out = socket.getOutputStream();
    this.steps = steps;
  }

  /** Sends a message by SMTP; says whether it was taken, and throws where that is not known. */
  boolean send(MarkedMail mail) throws IOException {
    ask("MAIL FROM:<sender@postern.example>", "250");
    ask("RCPT TO:<somebody@real.example>", "250");
    ask("DATA", "354");
    write(mail.header());
    steps.accept("client sent the header");
    write(mail.body());
    steps.accept("client sent the body");
    write(".\r\n");
    steps.accept("client sent the dot");
    String reply = readLine();
    steps.accept("client got the answer");
    if (reply == null || reply.startsWith("4")) {
      throw new IOException("no answer, or trouble on the way down");
    }
    return reply.startsWith("250");
  }

  void ask(String command, String code) throws IOException {
    String verb = command.substring(0, 4);
    write(command + "\r\n");
    steps.accept("client sent " + verb);
    expect(code);
    steps.accept("client got " + code + " to " + verb);
  }

  void expect(String code) throws IOException {
    String line = readLine();
    while (line != null && line.startsWith(code + "-")) {
      line = readLine();
    }
    if (line == null || !line.startsWith(code)) {
      throw new IOException("expected " + code + " and got " + line);
    }
  }

  String readLine() throws IOException {
    return in.readLine();
  }

  void write(String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }
}
