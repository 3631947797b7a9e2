package io.postern.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.testkit.SocketEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** A client on the port for implicit TLS that handles octets, not lines of text. */
final class Pop3Client implements AutoCloseable {
  private final SocketEnd end;

  Pop3Client(int port) throws IOException {
    end = SocketEnd.connect(port);
    end.startTls();
    line();
  }

  /** Logs in; the server's answer. */
  String logIn(String user, String password) throws IOException {
    command("USER " + user);
    return command("PASS " + password);
  }

  /** Sends a command; the first line of the answer. */
  String command(String command) throws IOException {
    send(command + "\r\n");
    return line();
  }

  void send(String text) {
    end.send(text.getBytes(ISO_8859_1));
  }

  /** The next line without its CRLF, or null at the end. */
  String line() throws IOException {
    byte[] octets = rawLine();
    return octets.length == 0 ? null : new String(octets, 0, octets.length - 2, ISO_8859_1);
  }

  /** A multi-line answer's body, unstuffed; null where the connection ended before the last dot. */
  byte[] body() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      byte[] line = rawLine();
      if (line.length == 0) {
        return null;
      }
      if (line[0] != '.') {
        body.writeBytes(line);
      } else if (line.length == 3) {
        return body.toByteArray();
      } else {
        body.write(line, 1, line.length - 1);
      }
    }
  }

  /** RETR's whole answer. */
  byte[] retrieve(int number) throws IOException {
    String reply = command("RETR " + number);
    if (!reply.startsWith("+OK")) {
      throw new IOException(reply);
    }
    return body();
  }

  private byte[] rawLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    InputStream in = end.in();
    int previous = 0;
    for (int octet = in.read(); octet >= 0; octet = in.read()) {
      line.write(octet);
      if (octet == '\n' && previous == '\r') {
        return line.toByteArray();
      }
      previous = octet;
    }
    return new byte[0];
  }

  /** Goes without a word. */
  @Override
  public void close() {
    end.close();
  }
}
