package io.postern.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.testkit.SocketDialogue;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The PROXY protocol as balancers speak it, on a real socket. */
@Timeout(60)
class ProxyHeaderTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  /** TCP over IPv4 from 203.0.113.9:4000 to 192.0.2.1:25. */
  private static final byte[] V2 =
      HexFormat.of().parseHex(SIGNATURE + "2111000c" + "cb007109" + "c0000201" + "0fa0" + "0019");

  /** TCP over IPv6 from 2001:db8::9. */
  private static final byte[] V2_IPV6 =
      HexFormat.of()
          .parseHex(
              SIGNATURE
                  + "21210024"
                  + "20010db8000000000000000000000009"
                  + "20010db8000000000000000000000001"
                  + "0fa00019");

  /** What a balancer sends that only looks whether we are well. */
  private static final byte[] V2_LOCAL = HexFormat.of().parseHex(SIGNATURE + "20000000");

  private static final byte[] V1 =
      "PROXY TCP4 203.0.113.9 192.0.2.1 4000 25\r\n".getBytes(US_ASCII);

  @TempDir private Path folder;

  private final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ConnectionLimits limits = new ConnectionLimits(10, 2);
  private Vertx vertx;

  @BeforeEach
  void setUp() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void tearDown() {
    vertx.close().await();
  }

  @Test
  void tellsWhoTheClientIs() throws IOException {
    Listener listener = listener(false, "127.0.0.0/8");
    assertThat(who(listener, V2)).isEqualTo("203.0.113.9");
    assertThat(who(listener, V2_IPV6)).isEqualTo("2001:db8:0:0:0:0:0:9");
    assertThat(who(listener, V1)).isEqualTo("203.0.113.9");
    assertThat(who(listener, V2_LOCAL)).isEqualTo("127.0.0.1");
  }

  private String who(Listener listener, byte[] header) {
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      client.send(header);
      assertThat(client.receive()).isEqualTo("hello");
      client.send("WHO\r\n".getBytes(US_ASCII));
      return client.receive();
    }
  }

  @Test
  void losesNothingOfWhatComesWithTheHeader() throws IOException {
    Listener listener = listener(false, "127.0.0.1");
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      client.send(join(V2, "one\r\nWHO\r\ntw".getBytes(US_ASCII)));
      assertThat(client.receive()).isEqualTo("hello");
      assertThat(client.receive()).isEqualTo("one");
      assertThat(client.receive()).isEqualTo("203.0.113.9");
      client.send("o\r\n".getBytes(US_ASCII));
      assertThat(client.receive()).isEqualTo("two");
    }
  }

  @Test
  void takesAHeaderInPieces() throws IOException {
    Listener listener = listener(false, "127.0.0.1");
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      for (byte octet : V2) {
        client.send(new byte[] {octet});
      }
      assertThat(client.receive()).isEqualTo("hello");
    }
  }

  @Test
  void theHandshakeComesBehindTheHeader() throws IOException {
    Listener listener = listener(true, "127.0.0.1");
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      client.send(V2);
      client.startTls();
      assertThat(client.receive()).isEqualTo("hello TLSv1.3");
      client.send("WHO\r\n".getBytes(US_ASCII));
      assertThat(client.receive()).isEqualTo("203.0.113.9");
    }
  }

  @Test
  void closesABalancersConnectionWithoutHeader() throws IOException {
    Listener listener = listener(false, "127.0.0.1");
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      client.send("EHLO somebody.example.org\r\n".getBytes(US_ASCII));
      assertThat(client.receive()).isNull();
    }
    assertThat(deeds).isEmpty();
  }

  @Test
  void believesNobodyElse() throws IOException {
    Listener listener = listener(false, "192.0.2.0/24");
    try (SocketDialogue client = new SocketDialogue(listener.port(), false, deeds)) {
      assertThat(client.receive()).isEqualTo("hello");
      client.send(join(V1, "WHO\r\n".getBytes(US_ASCII)));
      assertThat(client.receive()).startsWith("PROXY TCP4");
      assertThat(client.receive()).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void limitsCountClientsAndNotBalancers() throws IOException {
    Listener listener = listener(false, "127.0.0.1");
    try (SocketDialogue first = new SocketDialogue(listener.port(), false, deeds);
        SocketDialogue second = new SocketDialogue(listener.port(), false, deeds);
        SocketDialogue third = new SocketDialogue(listener.port(), false, deeds);
        SocketDialogue other = new SocketDialogue(listener.port(), false, deeds)) {
      for (SocketDialogue client : Arrays.asList(first, second)) {
        client.send(V2);
        assertThat(client.receive()).isEqualTo("hello");
      }
      third.send(V2);
      assertThat(third.receive()).isEqualTo("too many");
      other.send(V2_IPV6);
      assertThat(other.receive()).isEqualTo("hello");
    }
    Awaitility.await().until(() -> limits.open() == 0);
  }

  private static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  private Listener listener(boolean implicitTls, String balancers) throws IOException {
    TlsMaterial tls =
        TlsMaterial.selfSigned(
            folder, "mx.example.org", new SecureRandom(), InstantSource.system());
    Listener listener =
        new Listener(
            vertx,
            new Listener.Settings(
                "test",
                "127.0.0.1",
                0,
                implicitTls,
                LONG,
                LONG,
                "too many\r\n",
                Networks.parse(balancers)),
            tls,
            limits,
            registry,
            peer -> new Parrot(peer, deeds));
    listener.start().await();
    return listener;
  }
}
