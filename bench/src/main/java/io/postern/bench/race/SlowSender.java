package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One sender of one large message over STARTTLS, at a bounded rate, until it is told how to end.
 * Blocking: it has a thread of its own.
 */
final class SlowSender implements Runnable {
  /** How it ends. */
  enum Ending {
    /** The rest of the message as fast as it goes, and the dot. */
    FINISH,
    /** The connection is closed amid the message. */
    ABORT
  }

  /**
   * What all senders have in common.
   *
   * @param server where mail is taken, with STARTTLS
   * @param tls that trusts the server
   * @param recipient a mailbox there
   * @param messageBytes of the whole message
   * @param bytesPerSecond of each sender
   */
  record Plan(
      InetSocketAddress server,
      SSLSocketFactory tls,
      String recipient,
      long messageBytes,
      int bytesPerSecond) {}

  private static final int PATIENCE_MS = 120_000;
  private static final byte[] HEADER =
      "From: slow@load.test\r\nSubject: slowly\r\n\r\n".getBytes(US_ASCII);

  /** Lines of 64 octets with their ends. */
  private static final byte[] PIECE =
      ("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n".repeat(256))
          .getBytes(US_ASCII);

  private final Plan plan;
  private final CompletableFuture<Ending> ending;
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private final CompletableFuture<String> outcome = new CompletableFuture<>();
  private volatile long sentBytes;
  private InputStream in;
  private OutputStream out;

  /**
   * @param ending completed by whoever decides it
   */
  SlowSender(Plan plan, CompletableFuture<Ending> ending) {
    this.plan = plan;
    this.ending = ending;
  }

  /** Done once the server has asked for the message, or has not. */
  CompletableFuture<Void> opened() {
    return opened;
  }

  /** The last reply's first word, {@code aborted}, or what went wrong. */
  CompletableFuture<String> outcome() {
    return outcome;
  }

  /** Octets of the message that have gone into the connection. */
  long sentBytes() {
    return sentBytes;
  }

  @Override
  public void run() {
    try (Socket plain = new Socket()) {
      plain.connect(plan.server(), PATIENCE_MS);
      plain.setSoTimeout(PATIENCE_MS);
      outcome.complete(converse(plain));
    } catch (IOException | IllegalStateException e) {
      outcome.complete(e.getMessage());
    } catch (InterruptedException e) {
      outcome.complete("interrupted");
      Thread.currentThread().interrupt();
    } finally {
      opened.complete(null);
    }
  }

  private String converse(Socket plain) throws IOException, InterruptedException {
    use(plain);
    expect("220");
    ask("EHLO client.load.test", "250");
    ask("STARTTLS", "220");
    try (SSLSocket secured =
        (SSLSocket)
            plan.tls()
                .createSocket(
                    plain, plan.server().getHostString(), plan.server().getPort(), true)) {
      use(secured);
      ask("EHLO client.load.test", "250");
      ask("MAIL FROM:<slow@load.test> SIZE=" + plan.messageBytes(), "250");
      ask("RCPT TO:<" + plan.recipient() + ">", "250");
      ask("DATA", "354");
      opened.complete(null);
      send(HEADER);
      if (sendSlowly() == Ending.ABORT) {
        return "aborted";
      }
      while (sentBytes < plan.messageBytes()) {
        send(PIECE);
      }
      return ask(".", "250");
    }
  }

  private Ending sendSlowly() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      long dueNanos = TimeUnit.SECONDS.toNanos(sentBytes) / plan.bytesPerSecond();
      long waitNanos = Math.max(0, start + dueNanos - System.nanoTime());
      try {
        return ending.get(waitNanos, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (sentBytes + PIECE.length < plan.messageBytes()) {
          send(PIECE);
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("no end was decided", e);
      }
    }
  }

  private void send(byte[] octets) throws IOException {
    out.write(octets);
    sentBytes += octets.length;
  }

  private void use(Socket socket) throws IOException {
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  private String ask(String line, String wanted) throws IOException {
    out.write((line + "\r\n").getBytes(US_ASCII));
    return expect(wanted);
  }

  /** Reads a reply of one or more lines (RFC 5321, section 4.2.1). */
  private String expect(String wanted) throws IOException {
    String line = line();
    while (line.length() > 3 && line.charAt(3) == '-') {
      line = line();
    }
    if (!line.startsWith(wanted)) {
      throw new IOException(line.isEmpty() ? "the server closed the connection" : line);
    }
    return wanted;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }
}
