package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.SocketEnd;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;

/** The other end of a real connection: a client, or with a certificate a server. */
final class SocketPeer implements Peer {
  private final SocketEnd end;
  private final TestCertificate certificate;

  /**
   * @param certificate what the mail server shows; null for the client
   */
  SocketPeer(SocketEnd end, TestCertificate certificate) {
    this.end = end;
    this.certificate = certificate;
  }

  @Override
  public void send(byte[] octets) {
    end.send(octets);
  }

  @Override
  public byte[] receive(int count) {
    try {
      return end.in().readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String receiveLine() {
    return end.line(ISO_8859_1);
  }

  @Override
  public void startTls() {
    if (certificate == null) {
      end.startTls();
      return;
    }
    try {
      end.startTls(certificate.context());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void vanish() {
    end.close();
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
      end.in().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // A reset ends it as well.
    }
  }

  @Override
  public void expectNothingMore() {
    try {
      if (!end.isClosed()) {
        assertThat(end.in().available()).as("unexpected octets").isZero();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
