package io.postern.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A dialogue over a real socket on this machine; any certificate will do. */
public final class SocketDialogue implements Dialogue {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final BlockingQueue<String> observations;
  private final SocketEnd client;

  /**
   * Connects.
   *
   * @param implicitTls whether the handshake comes first
   * @param observations where the application behind the server says what it did
   */
  public SocketDialogue(int port, boolean implicitTls, BlockingQueue<String> observations) {
    this.observations = observations;
    client = SocketEnd.connect(port);
    if (implicitTls) {
      startTls();
    }
  }

  @Override
  public void send(byte[] octets) {
    client.send(octets);
  }

  @Override
  public String receive() {
    return client.line(UTF_8);
  }

  @Override
  public void startTls() {
    client.startTls();
  }

  /** The certificate that the server has shown. */
  public X509Certificate serverCertificate() {
    return client.serverCertificate();
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
    client.endOutput();
    for (String line : lines) {
      assertThat(receive()).isEqualTo(line);
    }
    assertThat(receive()).as("an unexpected line").isNull();
  }

  @Override
  public void close() {
    client.close();
  }
}
