package io.postern.ingest;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.mailbox.Directory;
import io.postern.protocol.smtp.SmtpSettings;
import io.postern.testkit.SocketDialogue;
import io.postern.wire.Networks;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** The service as it is, on free ports, with fakes behind it. */
final class Server implements AutoCloseable {
  static final long MAX_MESSAGE_BYTES = 200_000;

  final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
  final FakeLedger ledger = new FakeLedger();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final FakeRawTopic raw;
  final Ingest ingest;
  private final ExecutorService producer = Executors.newSingleThreadExecutor();
  private final Vertx vertx = Vertx.vertx();

  Server(Path folder, Directory directory) throws IOException {
    raw = new FakeRawTopic(producer, deeds);
    TlsMaterial tls =
        TlsMaterial.selfSigned(
            folder, "mx.example.org", new SecureRandom(), InstantSource.system());
    IngestConfig config =
        new IngestConfig(
            new SmtpSettings(
                "mx.example.org",
                MAX_MESSAGE_BYTES,
                100,
                20,
                SmtpSettings.LoneCrOrLf.REFUSE,
                false),
            "127.0.0.1",
            0,
            0,
            1000,
            1000,
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            2,
            true,
            Networks.NONE);
    ingest =
        new Ingest(
            vertx,
            config,
            new Ingest.Parts(directory, raw, ledger, tls, registry, InstantSource.system()));
    ingest.start().await();
  }

  Vertx vertx() {
    return vertx;
  }

  SocketDialogue starttls() {
    return new SocketDialogue(ingest.starttlsPort(), false, deeds);
  }

  SocketDialogue tls() {
    return new SocketDialogue(ingest.tlsPort(), true, deeds);
  }

  @Override
  public void close() {
    vertx.close().await();
    producer.shutdownNow();
  }
}
