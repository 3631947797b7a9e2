package io.postern.gateway.client;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client's end of a line-based protocol: blocking, with TLS from the start or later. */
final class TextLine implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final SSLContext trust;
  private Socket socket;
  private InputStream in;
  private OutputStream out;

  TextLine(int port, SSLContext trust) throws IOException {
    this.trust = trust;
    use(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Turns the connection into TLS and checks the server's certificate. */
  void secure() throws IOException {
    SSLSocket tls =
        (SSLSocket)
            trust.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
    tls.startHandshake();
    use(tls);
  }

  private void use(Socket next) throws IOException {
    socket = next;
    socket.setSoTimeout(TIMEOUT_MS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
  }

  OutputStream out() {
    return out;
  }

  void send(String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** One line without its CRLF, as octets. */
  byte[] readOctets() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    for (int octet = in.read(), before = -1; ; before = octet, octet = in.read()) {
      if (octet < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (octet == '\n' && before == '\r') {
        byte[] octets = line.toByteArray();
        return Arrays.copyOf(octets, octets.length - 1);
      }
      line.write(octet);
    }
  }

  String read() throws IOException {
    return new String(readOctets(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
