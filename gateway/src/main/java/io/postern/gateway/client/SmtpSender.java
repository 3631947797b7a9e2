package io.postern.gateway.client;

import java.io.IOException;
import java.io.OutputStream;
import javax.net.ssl.SSLContext;

/**
 * Sends octets exactly as they are over SMTP with STARTTLS, which no mail library does: they all
 * mend what they send.
 */
public final class SmtpSender implements AutoCloseable {
  private final TextLine line;

  public SmtpSender(int port, SSLContext trust) throws IOException {
    line = new TextLine(port, trust);
    expect("220");
    command("EHLO demo.postern.example", "250");
    command("STARTTLS", "220");
    line.secure();
    command("EHLO demo.postern.example", "250");
  }

  /** Sends one message and returns the reply to its end: the 250 that names the message's id. */
  public String send(String from, String to, byte[] message) throws IOException {
    begin(from, to, message);
    return end();
  }

  /** Ends the message that was begun and returns the reply: the 250 that names its id. */
  public String end() throws IOException {
    return command(".", "250");
  }

  /** Sends one message but for the dot that ends it. */
  public void begin(String from, String to, byte[] message) throws IOException {
    command("MAIL FROM:<" + from + "> BODY=8BITMIME SIZE=" + message.length, "250");
    command("RCPT TO:<" + to + ">", "250");
    command("DATA", "354");
    stuff(message, line.out());
    line.out().flush();
  }

  /** Gives up without a word, as a sender that dies does. */
  public void abandon() throws IOException {
    line.close();
  }

  /** RFC 5321, section 4.5.2. The message is empty or ends with CRLF. */
  private static void stuff(byte[] message, OutputStream out) throws IOException {
    int from = 0;
    for (int i = 0; i < message.length; i++) {
      if (message[i] == '.' && (i == 0 || message[i - 1] == '\n')) {
        out.write(message, from, i - from);
        out.write('.');
        from = i;
      }
    }
    out.write(message, from, message.length - from);
  }

  private String command(String command, String code) throws IOException {
    line.send(command);
    return expect(code);
  }

  private String expect(String code) throws IOException {
    String reply;
    do {
      reply = line.read();
      if (!reply.startsWith(code)) {
        throw new IOException("the server answered: " + reply);
      }
    } while (reply.startsWith("-", 3));
    return reply;
  }

  @Override
  public void close() throws IOException {
    command("QUIT", "221");
    line.close();
  }
}
