package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.wire.ClientTls;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Dialer;
import io.postern.wire.Listener;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers that stop in the middle, over real connections: whoever waits for them is held by TCP
 * alone, nothing piles up, and the proxy's patience, which is short here, ends it.
 */
class SlowPeersTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int PATIENCE_MS = 60_000;

  /** More than all buffers on the way together, the kernel's own included. */
  private static final int TEXT_BYTES = 64 << 20;

  private static final int MOST_ON_THE_WAY_BYTES = 24 << 20;
  private static final int SMALL_BUFFER_BYTES = 16 * 1024;
  private static final String LINE = "0123456789".repeat(7) + "\r\n";

  @TempDir static Path folder;
  private static Vertx vertx;
  private static TestCertificate certificate;

  private ServerSocket server;
  private Listener listener;
  private FakeArchive archive;
  private volatile Executor loop;
  private Socket client;
  private Socket upstream;
  private BufferedReader fromProxy;
  private BufferedReader toServer;

  @BeforeAll
  static void setUp() throws IOException {
    vertx = Vertx.vertx();
    certificate = TestCertificate.in(folder);
  }

  @AfterAll
  static void tearDown() {
    vertx.close().await();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    upstream.close();
    server.close();
    listener.stop().await();
  }

  private void connect(
      TranscriptSuite.Proxy proxy, Duration clientPatience, Duration serverPatience)
      throws IOException {
    archive = new FakeArchive(task -> loop.execute(task));
    server = new ServerSocket();
    server.setReceiveBufferSize(SMALL_BUFFER_BYTES);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Dialer dialer =
        new Dialer(
            vertx,
            new Dialer.Settings(
                "server", "localhost", server.getLocalPort(), false, LONG, serverPatience),
            ClientTls.authorities(certificate.file()),
            new SimpleMeterRegistry());
    listener =
        new Listener(
            vertx,
            new Listener.Settings("proxy", "127.0.0.1", 0, false, clientPatience, LONG, "full\r\n"),
            TlsMaterial.of(certificate.file(), certificate.key()),
            new ConnectionLimits(10, 10),
            new SimpleMeterRegistry(),
            peer -> {
              loop = peer.loop();
              return proxy.make(List.of("large"), archive, dialer::dial);
            });
    listener.start().await();
    client = new Socket();
    client.setReceiveBufferSize(SMALL_BUFFER_BYTES);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port()));
    upstream = server.accept();
    client.setSoTimeout(PATIENCE_MS);
    upstream.setSoTimeout(PATIENCE_MS);
    fromProxy = reader(client);
    toServer = reader(upstream);
  }

  // SMTP.

  private void intoData(Duration clientPatience, Duration serverPatience) throws IOException {
    connect(SmtpTranscriptTest::proxy, clientPatience, serverPatience);
    say(upstream, "220 real.example\r\n");
    assertThat(fromProxy.readLine()).startsWith("220 ");
    for (String command : List.of("HELO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@c.example>")) {
      answered(command, "250 ok");
    }
    answered("DATA", "354 go");
  }

  private void answered(String command, String reply) throws IOException {
    say(client, command + "\r\n");
    assertThat(toServer.readLine()).isEqualTo(command);
    say(upstream, reply + "\r\n");
    assertThat(fromProxy.readLine()).startsWith(reply.substring(0, 3));
  }

  @Test
  void aServerThatStopsReadingInTheMiddleOfData() throws Exception {
    intoData(LONG, SHORT);
    CompletableFuture<Long> sent = CompletableFuture.supplyAsync(() -> write(client, ".\r\n"));
    assertThat(fromProxy.readLine()).startsWith("451 4.4.2 ");
    assertThat(sent.get(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo(TEXT_BYTES);
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo("aborted");
    assertThat(archive.deeds).isEmpty();
    assertThat(rest(upstream)).as("what lay in the kernel").isLessThan(MOST_ON_THE_WAY_BYTES);
  }

  @Test
  void aClientThatStopsInTheMiddleOfData() throws Exception {
    intoData(SHORT, LONG);
    say(client, LINE);
    assertThat(toServer.readLine()).isEqualTo(LINE.strip());
    assertThat(fromProxy.readLine()).startsWith("421 4.4.2 ");
    assertThat(fromProxy.readLine()).isNull();
    assertThat(toServer.readLine()).as("no dot").isNull();
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo("aborted");
  }

  @Test
  void aServerThatIsSilentAfterTheDot() throws Exception {
    intoData(LONG, SHORT);
    say(client, LINE + ".\r\n");
    assertThat(fromProxy.readLine()).startsWith("451 4.4.2 ");
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).startsWith("prepared ");
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo("left open");
  }

  // POP3.

  private void intoText(Duration clientPatience, Duration serverPatience) throws IOException {
    connect(Pop3TranscriptTest::proxy, clientPatience, serverPatience);
    say(upstream, "+OK real.example\r\n");
    assertThat(fromProxy.readLine()).startsWith("+OK");
    say(client, "RETR 1\r\n");
    assertThat(toServer.readLine()).isEqualTo("UIDL 1");
    say(upstream, "+OK 1 uid\r\n");
    assertThat(toServer.readLine()).isEqualTo("RETR 1");
    say(upstream, "+OK\r\n");
    assertThat(fromProxy.readLine()).startsWith("+OK");
  }

  @Test
  void aClientThatDoesNotReadItsMessageHoldsTheServer() throws Exception {
    intoText(SHORT, LONG);
    assertThat(write(upstream, ".\r\n")).isLessThan(MOST_ON_THE_WAY_BYTES);
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo("aborted");
  }

  @Test
  void aClientThatReadsOctetByOctetGetsAll() throws Exception {
    intoText(LONG, LONG);
    String text = LINE.repeat(10_000);
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> say(upstream, text + ".\r\n"));
    StringBuilder got = new StringBuilder();
    while (got.length() < text.length() + 3) {
      int octet = fromProxy.read();
      assertThat(octet).isNotNegative();
      got.append((char) octet);
    }
    assertThat(got.toString().equals(text + ".\r\n")).isTrue();
    sent.get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).startsWith("copied ");
  }

  @Test
  void aServerThatStopsInTheMiddleOfAMessage() throws Exception {
    intoText(LONG, SHORT);
    say(upstream, LINE);
    assertThat(fromProxy.readLine()).isEqualTo(LINE.strip());
    assertThat(fromProxy.readLine()).as("closed, without a dot").isNull();
    assertThat(archive.deeds.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo("aborted");
  }

  // Both.

  /** Writes a text of {@link #TEXT_BYTES} and its end; how much of it could be written. */
  private static long write(Socket socket, String end) {
    byte[] piece = LINE.repeat(1 << 14).getBytes(ISO_8859_1);
    long written = 0;
    try {
      OutputStream out = socket.getOutputStream();
      while (written < TEXT_BYTES) {
        int length = (int) Math.min(piece.length, TEXT_BYTES - written);
        out.write(piece, 0, length);
        written += length;
      }
      out.write(("\r\n" + end).getBytes(ISO_8859_1));
    } catch (IOException e) {
      // The proxy's patience has ended.
    }
    return written;
  }

  private static long rest(Socket socket) {
    long rest = 0;
    byte[] piece = new byte[64 * 1024];
    try {
      InputStream in = socket.getInputStream();
      for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
        rest += length;
      }
    } catch (IOException e) {
      // A reset ends it, too.
    }
    return rest;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1), 512);
  }

  private static void say(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
