package io.postern.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.gateway.client.Pop3Reader;
import io.postern.protocol.DotDecoder;
import io.postern.protocol.DotEncoder;
import io.postern.wire.TlsMaterial;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large messages pass the proxies, both ways, in a small heap: 512 MiB for the whole process. */
@Tag("heavy")
class ProxyMemoryTest {
  private static final String ADDRESS = "archive@postern.example";
  private static final String PASSWORD = "correct horse battery staple";
  private static final int LARGEST = 250 << 20;
  private static final int PIECE = 64 * 1024;

  private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();

  @Test
  void a_message_of_the_largest_size(@TempDir Path folder) throws Exception {
    Path data = folder.resolve("data");
    PosternProcess.run(data, PASSWORD + "\n", "mailbox", "create", ADDRESS, "--password-stdin");
    TlsMaterial.selfSigned(
        data.resolve("tls"), "localhost", new SecureRandom(), InstantSource.system());
    int pop3 = freePort();
    byte[] message = lines(LARGEST);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      new Thread(() -> serve(server), "real-server").start();
      Map<String, String> settings =
          Map.of(
              "POSTERN_POP3_TLS_PORT",
              "" + pop3,
              "POSTERN_PROXY_ROUTES",
              """
              - {name: out, protocol: smtp, port: 0, mailbox: %1$s, upstream: {host: 127.0.0.1, port: %2$d, tls: none}}
              - {name: in, protocol: pop3s, port: 0, mailbox: %1$s, upstream: {host: localhost, port: %3$d, ca-file: %4$s}}
              """
                  .formatted(
                      ADDRESS, server.getLocalPort(), pop3, data.resolve("tls/certificate.pem")));
      try (PosternProcess postern = PosternProcess.start(data, settings, "-Xmx512m")) {
        report("directly", send(server.getLocalPort(), message));
        assertThat(arrived.poll(1, TimeUnit.MINUTES)).isEqualTo(digest);
        report("through the proxy", send(postern.port("proxy out"), message));
        assertThat(arrived.poll(1, TimeUnit.MINUTES)).isEqualTo(digest);

        awaitCount(postern, 1);
        assertEndsWith(retrieve(postern.port("proxy in"), postern), message);
        awaitCount(postern, 2);
        postern.stop();
      }
    }
  }

  private static void report(String how, Duration time) {
    System.err.printf(
        "250 MiB %s: %d ms, %.0f MiB/s%n",
        how, time.toMillis(), 250_000.0 / Math.max(1, time.toMillis()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private void serve(ServerSocket server) {
    try {
      while (true) {
        try (Socket client = server.accept()) {
          talk(client);
        }
      }
    } catch (Exception e) {
      // The test is over.
    }
  }

  private void talk(Socket client) throws Exception {
    InputStream in = new BufferedInputStream(client.getInputStream());
    OutputStream out = client.getOutputStream();
    say(out, "220 real.example");
    for (String line = line(in); line != null; line = line(in)) {
      if (line.equals("DATA")) {
        say(out, "354 go");
        arrived.add(digest(in));
      }
      say(out, "250 ok");
    }
  }

  private static byte[] digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    DotDecoder decoder = new DotDecoder();
    byte[] piece = new byte[PIECE];
    boolean ended = false;
    while (!ended) {
      int length = in.read(piece);
      if (length < 0) {
        throw new IOException("the message ends before its dot");
      }
      ended = decoder.decode(ByteBuffer.wrap(piece, 0, length), digest::update);
    }
    return digest.digest();
  }

  private static Duration send(int port, byte[] message) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      expect(in, "220");
      for (String command :
          new String[] {"EHLO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>"}) {
        say(out, command);
        expect(in, "250");
      }
      say(out, "DATA");
      expect(in, "354");
      long started = System.nanoTime();
      DotEncoder encoder = new DotEncoder();
      for (int from = 0; from < message.length; from += PIECE) {
        int length = Math.min(PIECE, message.length - from);
        write(out, encoder.encode(ByteBuffer.wrap(message, from, length).slice()));
      }
      write(out, encoder.finish());
      expect(in, "250");
      return Duration.ofNanos(System.nanoTime() - started);
    }
  }

  private static void write(OutputStream out, ByteBuffer octets) throws IOException {
    out.write(octets.array(), octets.arrayOffset() + octets.position(), octets.remaining());
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(US_ASCII));
  }

  private static void expect(InputStream in, String code) throws IOException {
    String line = line(in);
    while (line != null && line.startsWith(code + "-")) {
      line = line(in);
    }
    assertThat(line).startsWith(code);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet >= 0; octet = in.read()) {
      if (octet == '\n') {
        return line.toString(US_ASCII).strip();
      }
      line.write(octet);
    }
    return null;
  }

  private static byte[] retrieve(int port, PosternProcess postern) throws Exception {
    try (Pop3Reader reader = new Pop3Reader(port, postern.trust())) {
      assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
      return reader.retrieve(1);
    }
  }

  private static void awaitCount(PosternProcess postern, int messages) {
    await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              try (Pop3Reader reader = new Pop3Reader(postern.port("POP3 TLS"), postern.trust())) {
                assertThat(reader.login(ADDRESS, PASSWORD)).isTrue();
                return reader.count() == messages;
              }
            });
  }

  private static void assertEndsWith(byte[] whole, byte[] message) {
    int from = whole.length - message.length;
    assertThat(Arrays.equals(whole, from, whole.length, message, 0, message.length)).isTrue();
  }

  private static byte[] lines(int size) {
    byte[] message = new byte[size];
    byte[] line = ("." + "0123456789".repeat(7) + "\r\n").getBytes(US_ASCII);
    for (int i = 0; i < size; i++) {
      message[i] = line[i % line.length];
    }
    message[size - 2] = '\r';
    message[size - 1] = '\n';
    return message;
  }
}
