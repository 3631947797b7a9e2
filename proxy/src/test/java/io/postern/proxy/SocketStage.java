package io.postern.proxy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.testkit.SocketEnd;
import io.postern.wire.ClientTls;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Dialer;
import io.postern.wire.Listener;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

/** Real connections on this machine, real TLS. */
final class SocketStage implements Stage {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ServerSocket server;
  private final Listener listener;
  private final FakeArchive archive;
  private final TestCertificate certificate;
  private final List<String> words;
  private volatile Executor loop;
  private SocketPeer client;
  private SocketPeer upstream;

  SocketStage(
      Vertx vertx, TestCertificate certificate, List<String> words, TranscriptSuite.Proxy proxy)
      throws IOException {
    this.certificate = certificate;
    this.words = words;
    this.archive = new FakeArchive(task -> loop.execute(task));
    this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server.setSoTimeout((int) PATIENCE.toMillis());
    boolean upstreamImplicit = words.contains("upstream-implicit");
    Dialer dialer =
        new Dialer(
            vertx,
            new Dialer.Settings(
                "server", "localhost", server.getLocalPort(), upstreamImplicit, PATIENCE, PATIENCE),
            ClientTls.authorities(certificate.file()),
            new SimpleMeterRegistry());
    this.listener =
        new Listener(
            vertx,
            new Listener.Settings(
                "proxy",
                "127.0.0.1",
                0,
                words.contains("implicit"),
                PATIENCE,
                PATIENCE,
                "full\r\n"),
            TlsMaterial.of(certificate.file(), certificate.key()),
            new ConnectionLimits(10, 10),
            new SimpleMeterRegistry(),
            peer -> {
              loop = peer.loop();
              return proxy.make(words, archive, dialer::dial);
            });
    listener.start().await();
  }

  private void connect() {
    if (client != null) {
      return;
    }
    try {
      client = new SocketPeer(SocketEnd.connect(listener.port()), null);
      if (words.contains("implicit")) {
        client.startTls();
      }
      if (!server.isClosed()) {
        upstream = new SocketPeer(new SocketEnd(server.accept()), certificate);
        if (words.contains("upstream-implicit")) {
          upstream.startTls();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Peer client() {
    connect();
    return client;
  }

  @Override
  public Peer upstream() {
    connect();
    return upstream == null ? client : upstream;
  }

  @Override
  public void refuseConnections() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public FakeArchive archive() {
    return archive;
  }

  @Override
  public void close() {
    if (client != null) {
      client.vanish();
    }
    if (upstream != null) {
      upstream.vanish();
    }
    refuseConnections();
    listener.stop().await();
  }
}
