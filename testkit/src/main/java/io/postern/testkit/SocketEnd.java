package io.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.Charset;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** One end of a real connection on this machine, which blocks; any certificate will do. */
public final class SocketEnd implements AutoCloseable {
  private static final int PATIENCE_MS = 20_000;

  private Socket socket;
  private InputStream in;

  public SocketEnd(Socket socket) {
    this.socket = socket;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The client's end of a new one. */
  public static SocketEnd connect(int port) {
    try {
      return new SocketEnd(new Socket(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    } catch (SocketException e) {
      // The other end may close while we still send: what it said before tells whether it may.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line without its CRLF; null once the other end has closed. */
  public String line(Charset charset) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        line.write(octet);
        if (octet == '\n') {
          String text = line.toString(charset);
          assertThat(text).endsWith("\r\n");
          return text.substring(0, text.length() - 2);
        }
      }
    } catch (SocketException reset) {
      // A reset is a way to close, too.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(line.toString(charset)).as("half a line before the end").isEmpty();
    return null;
  }

  /** What comes, for who does not want lines; another one after a handshake. */
  public InputStream in() {
    return in;
  }

  /** The client's side of the handshake. */
  public void startTls() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAnyone()}, new SecureRandom());
      handshake(context, true);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The server's side, with its certificate. */
  public void startTls(SSLContext server) {
    handshake(server, false);
  }

  private void handshake(SSLContext context, boolean client) {
    try {
      SSLSocket secured =
          (SSLSocket)
              context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
      secured.setUseClientMode(client);
      secured.startHandshake();
      socket = secured;
      in = new BufferedInputStream(secured.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The certificate that the server has shown. */
  public X509Certificate serverCertificate() {
    try {
      return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says no more. */
  public void endOutput() {
    try {
      if (!socket.isClosed() && !socket.isOutputShutdown()) {
        socket.shutdownOutput();
      }
    } catch (SocketException e) {
      // It is closed already.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isClosed() {
    return socket.isClosed();
  }

  @Override
  public void close() {
    try {
      socket.close();
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
