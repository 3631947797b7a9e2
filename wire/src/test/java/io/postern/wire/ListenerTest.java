package io.postern.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.testkit.SocketDialogue;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ListenerTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir static Path folder;

  private final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Vertx vertx;
  private TlsMaterial tls;

  @BeforeEach
  void setUp() throws IOException {
    vertx = Vertx.vertx();
    tls =
        TlsMaterial.selfSigned(
            folder, "mx.example.org", new SecureRandom(), InstantSource.system());
  }

  @AfterEach
  void tearDown() {
    vertx.close().await();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void talks(boolean implicitTls) {
    Listener listener = listener(implicitTls, 10, LONG);
    try (SocketDialogue client = client(listener, implicitTls)) {
      assertThat(client.receive()).isEqualTo(implicitTls ? "hello TLSv1.3" : "hello");
      say(client, "one\r\ntw");
      say(client, "o\r\nBYE\r\nnever\r\n");
      assertThat(client.receive()).isEqualTo("one");
      assertThat(client.receive()).isEqualTo("two");
      assertThat(client.receive()).isEqualTo("bye");
      assertThat(client.receive()).isNull();
      awaitDeed("closed");
    }
  }

  @Test
  void keepsPipelinedLinesWhilePaused() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      say(client, "PAUSE a\r\nb\r\nPAUSE c\r\nd\r\nBYE\r\n");
      for (String line : new String[] {"hello", "a", "b", "c", "d", "bye"}) {
        assertThat(client.receive()).isEqualTo(line);
      }
    }
  }

  @Test
  void answersAPeerThatHasSaidItsLastWord() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "PAUSE a\r\n");
      client.expectEnd("a");
    }
  }

  @Test
  void upgradesToTls() {
    upgradesToTls(listener(false, 10, LONG));
  }

  private void upgradesToTls(Listener listener) {
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "TLS\r\n");
      assertThat(client.receive()).isEqualTo("go ahead");
      client.startTls();
      say(client, "private\r\n");
      assertThat(client.receive()).isEqualTo("private");
      awaitDeed("secured TLSv1.3");
    }
  }

  @Test
  void severalListenersShareAPort() {
    int anyShared = -2525;
    Listener first = make(anyShared, false, 400, LONG);
    vertx.deployVerticle(first).await();
    for (int i = 0; i < 3; i++) {
      vertx.deployVerticle(make(anyShared, false, 400, LONG)).await();
    }
    for (int i = 0; i < 20; i++) {
      upgradesToTls(first);
    }
  }

  @Test
  void newFilesServeNewHandshakes() throws Exception {
    Path fresh = Files.createDirectory(folder.resolve("reload"));
    tls =
        TlsMaterial.selfSigned(
            fresh, "old.example.org", new SecureRandom(), InstantSource.system());
    Listener listener = listener(true, 10, LONG);
    assertThat(nameInCertificate(listener)).isEqualTo("CN=old.example.org");
    SelfSigned.make("new.example.org", new SecureRandom(), InstantSource.system())
        .write(fresh.resolve("certificate.pem"), fresh.resolve("key.pem"));
    assertThat(listener.reloadCertificate().await()).isTrue();
    assertThat(nameInCertificate(listener)).isEqualTo("CN=new.example.org");
  }

  private String nameInCertificate(Listener listener) {
    try (SocketDialogue client = client(listener, true)) {
      return client.serverCertificate().getSubjectX500Principal().getName();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLS\r\nEVIL\r\n", "TLS\r\nEV"})
  void refusesWhatComesInClearBehindTheRequestForTls(String octets) {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      say(client, octets);
      assertThat(client.receive()).isEqualTo("hello");
      assertThat(client.receive()).isNull();
      awaitDeed("closed");
    }
  }

  @Test
  void refusesWhatComesInClearDuringTheHandshake() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "TLS\r\n");
      assertThat(client.receive()).isEqualTo("go ahead");
      say(client, "EVIL\r\n");
      assertThatThrownBy(client::startTls).isInstanceOf(UncheckedIOException.class);
      awaitDeed("closed");
    }
  }

  @Test
  void sendsNoFasterThanThePeerReads() {
    Listener listener = listener(false, 10, LONG);
    int flood = 20_000_000;
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "FLOOD " + flood + "\r\n");
      assertThat(client.receive()).hasSize(flood);
    }
  }

  @Test
  void limitsConnectionsOfOneAddress() {
    Listener listener = listener(false, 2, LONG);
    try (SocketDialogue first = client(listener, false);
        SocketDialogue second = client(listener, false);
        SocketDialogue third = client(listener, false)) {
      assertThat(first.receive()).isEqualTo("hello");
      assertThat(second.receive()).isEqualTo("hello");
      assertThat(third.receive()).isEqualTo("too many");
      assertThat(third.receive()).isNull();
      say(first, "BYE\r\n");
      awaitDeed("closed");
      try (SocketDialogue fourth = client(listener, false)) {
        assertThat(fourth.receive()).isEqualTo("hello");
      }
    }
    assertThat(registry.counter("postern.connections.refused", "listener", "test").count())
        .isEqualTo(1);
  }

  @Test
  void closesAPeerThatIsSilent() {
    Listener listener = listener(false, 10, Duration.ofMillis(100));
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      assertThat(client.receive()).isEqualTo("too slow");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void closesAPeerThatReadsNothing() {
    Listener listener = listener(false, 10, Duration.ofMillis(100));
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "FLOOD 1000000000\r\n");
      awaitDeed("closed");
    }
  }

  @Test
  void doesNotCountItsOwnTimeAgainstThePeer() {
    Listener listener = listener(false, 10, Duration.ofMillis(500));
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      say(client, "SLEEP\r\n");
      Awaitility.await().during(Duration.ofMillis(1200)).until(deeds::isEmpty);
    }
  }

  @Test
  void oneFaultCostsOneConnection() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue unlucky = client(listener, false);
        SocketDialogue other = client(listener, false)) {
      assertThat(unlucky.receive()).isEqualTo("hello");
      say(unlucky, "FAULT\r\n");
      assertThat(unlucky.receive()).isNull();
      awaitDeed("closed");
      say(other, "fine\r\n");
      assertThat(other.receive()).isEqualTo("hello");
      assertThat(other.receive()).isEqualTo("fine");
    }
  }

  @Test
  void stopsInOrder() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      assertThat(client.receive()).isEqualTo("hello");
      int port = listener.port();
      listener.stop().await();
      assertThat(client.receive()).isEqualTo("stopping");
      assertThat(client.receive()).isNull();
      awaitDeed("closed");
      assertThatThrownBy(() -> new SocketDialogue(port, false, deeds))
          .hasMessageContaining("refused");
    }
  }

  @Test
  void stopsWithoutAWordWhereTheHandshakeHasNotEnded() {
    Listener listener = listener(true, 10, LONG);
    SocketDialogue silent = client(listener, false);
    Awaitility.await().until(() -> accepted() == 1);
    listener.stop().await();
    awaitDeed("closed");
    silent.close();
    assertThat(registry.counter("postern.connections.faults", "listener", "test").count()).isZero();
  }

  @Test
  void aFaultBehindAPauseCostsTheConnectionToo() {
    Listener listener = listener(false, 10, LONG);
    try (SocketDialogue client = client(listener, false)) {
      say(client, "PAUSE a\r\nFAULT\r\n");
      assertThat(client.receive()).isEqualTo("hello");
      assertThat(client.receive()).isEqualTo("a");
      assertThat(client.receive()).isNull();
      awaitDeed("closed");
    }
  }

  private double accepted() {
    return registry.counter("postern.connections.accepted", "listener", "test").count();
  }

  private Listener listener(boolean implicitTls, int maxPerIp, Duration idleTimeout) {
    Listener listener = make(0, implicitTls, maxPerIp, idleTimeout);
    listener.start().await();
    return listener;
  }

  private Listener make(int port, boolean implicitTls, int maxPerIp, Duration idleTimeout) {
    return new Listener(
        vertx,
        new Listener.Settings(
            "test", "127.0.0.1", port, implicitTls, idleTimeout, LONG, "too many\r\n"),
        tls,
        new ConnectionLimits(1000, maxPerIp),
        registry,
        peer -> new Parrot(peer, deeds));
  }

  private SocketDialogue client(Listener listener, boolean implicitTls) {
    return new SocketDialogue(listener.port(), implicitTls, deeds);
  }

  private static void say(SocketDialogue client, String octets) {
    client.send(octets.getBytes(US_ASCII));
  }

  private void awaitDeed(String deed) {
    Awaitility.await().until(() -> deeds.contains(deed));
  }
}
