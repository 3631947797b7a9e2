package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The other end of a real connection: a client, or with a certificate a server. */
final class SocketPeer implements Peer {
  private static final int PATIENCE_MS = 20_000;

  private final TestCertificate certificate;
  private Socket socket;
  private InputStream in;

  /**
   * @param certificate what the mail server shows; null for the client
   */
  SocketPeer(Socket socket, TestCertificate certificate) throws IOException {
    this.socket = socket;
    this.certificate = certificate;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  @Override
  public void send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    } catch (SocketException e) {
      // The proxy may close while we still send: what it says tells whether it may.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] receive(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String receiveLine() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        line.write(octet);
        if (octet == '\n') {
          String text = line.toString(ISO_8859_1);
          assertThat(text).endsWith("\r\n");
          return text.substring(0, text.length() - 2);
        }
      }
    } catch (SocketException reset) {
      // A reset is a way to close, too.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(line.toString(ISO_8859_1)).as("half a line before the end").isEmpty();
    return null;
  }

  @Override
  public void startTls() {
    try {
      SSLContext context = certificate == null ? trustingAnyone() : certificate.context();
      SSLSocket secured =
          (SSLSocket)
              context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
      secured.setUseClientMode(certificate == null);
      secured.startHandshake();
      socket = secured;
      in = new BufferedInputStream(secured.getInputStream());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SSLContext trustingAnyone() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAnyone()}, new SecureRandom());
    return context;
  }

  @Override
  public void vanish() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void awaitEnd() {
    assertThat(receiveLine()).as("an unexpected line").isNull();
  }

  @Override
  public void awaitTimeout() {
    throw new UnsupportedOperationException("a transcript for memory only");
  }

  @Override
  public void discard() {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // A reset ends it as well.
    }
  }

  @Override
  public void expectNothingMore() {
    try {
      if (!socket.isClosed()) {
        assertThat(in.available()).as("unexpected octets").isZero();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class TrustAnyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
