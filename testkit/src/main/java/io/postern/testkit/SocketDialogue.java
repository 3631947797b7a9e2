package io.postern.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A dialogue over a real socket on this machine; any certificate will do. */
public final class SocketDialogue implements Dialogue {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final BlockingQueue<String> observations;
  private final int port;
  private Socket socket;
  private InputStream in;

  /**
   * Connects.
   *
   * @param implicitTls whether the handshake comes first
   * @param observations where the application behind the server says what it did
   */
  public SocketDialogue(int port, boolean implicitTls, BlockingQueue<String> observations) {
    this.port = port;
    this.observations = observations;
    try {
      socket = new Socket();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (implicitTls) {
      startTls();
    }
  }

  @Override
  public void send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    } catch (SocketException e) {
      // The server may close while we are still sending: what it said before tells whether it may.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String receive() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        line.write(octet);
        if (octet == '\n') {
          String text = line.toString(UTF_8);
          assertThat(text).endsWith("\r\n");
          return text.substring(0, text.length() - 2);
        }
      }
    } catch (SocketException reset) {
      // A reset is a way to close, too.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(line.toString(UTF_8)).as("half a line before the end").isEmpty();
    return null;
  }

  @Override
  public void startTls() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAnyone()}, new SecureRandom());
      SSLSocket secured =
          (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", port, true);
      secured.startHandshake();
      socket = secured;
      in = new BufferedInputStream(secured.getInputStream());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
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

  @Override
  public String observe() {
    try {
      return observations.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Says no more itself and reads to the server's end. */
  @Override
  public void expectNothingMore() {
    expectEnd();
    assertThat((Queue<String>) observations).as("unexpected deeds").isEmpty();
  }

  /** Says no more itself, expects these lines, and then the server's end. */
  public void expectEnd(String... lines) {
    try {
      if (!socket.isClosed() && !socket.isOutputShutdown()) {
        socket.shutdownOutput();
      }
    } catch (SocketException e) {
      // It is closed already.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String line : lines) {
      assertThat(receive()).isEqualTo(line);
    }
    assertThat(receive()).as("an unexpected line").isNull();
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
