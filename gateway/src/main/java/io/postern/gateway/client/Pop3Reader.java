package io.postern.gateway.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.net.ssl.SSLContext;

/** Pulls mail over POP3 with TLS from the start. */
public final class Pop3Reader implements AutoCloseable {
  private final TextLine line;

  public Pop3Reader(int port, SSLContext trust) throws IOException {
    line = new TextLine(port, trust);
    line.secure();
    ok();
  }

  /** Whether the server took the password. */
  public boolean login(String user, String password) throws IOException {
    command("USER " + user);
    line.send("PASS " + password);
    return line.read().startsWith("+OK");
  }

  /** How many messages there are. */
  public int count() throws IOException {
    return Integer.parseInt(command("STAT").split(" ")[1]);
  }

  /** The size that the server announces for a message, in octets. */
  public long size(int number) throws IOException {
    return Long.parseLong(command("LIST " + number).split(" ")[2]);
  }

  public byte[] retrieve(int number) throws IOException {
    command("RETR " + number);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    while (true) {
      byte[] octets = line.readOctets();
      if (octets.length == 1 && octets[0] == '.') {
        return message.toByteArray();
      }
      int stuffed = octets.length > 0 && octets[0] == '.' ? 1 : 0;
      message.write(octets, stuffed, octets.length - stuffed);
      message.write('\r');
      message.write('\n');
    }
  }

  /** The unique id of a message. */
  public String uid(int number) throws IOException {
    return command("UIDL " + number).split(" ")[2];
  }

  /** Marks a message for deletion, which {@link #close} carries out. */
  public void delete(int number) throws IOException {
    command("DELE " + number);
  }

  private String command(String command) throws IOException {
    line.send(command);
    return ok();
  }

  private String ok() throws IOException {
    String reply = line.read();
    if (!reply.startsWith("+OK")) {
      throw new IOException("the server answered: " + reply);
    }
    return reply;
  }

  @Override
  public void close() throws IOException {
    command("QUIT");
    line.close();
  }
}
