package io.postern.bench.race;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Postfix's {@code smtp-sink}: takes mail as fast as it can be sent, and forgets it. */
final class Sink implements Contender {
  private static final int BACKLOG = 100;
  private static final long START_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Process process;
  private final int port;

  private Sink(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it and waits until it listens. */
  static Sink start() {
    if (!Programs.present("smtp-sink")) {
      throw new RaceException(
          "the sink needs Debian's Postfix: apt-get install --no-install-recommends postfix");
    }
    int port = freePort();
    try {
      Process process =
          new ProcessBuilder(
                  List.of("smtp-sink", "-u", "nobody", "127.0.0.1:" + port, "" + BACKLOG))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Sink sink = new Sink(process, port);
      sink.awaitListening();
      return sink;
    } catch (IOException e) {
      throw new RaceException("cannot start smtp-sink: " + e.getMessage(), e);
    }
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new RaceException("no free port: " + e.getMessage(), e);
    }
  }

  private void awaitListening() {
    long end = System.nanoTime() + START_PATIENCE_NANOS;
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket probe = new Socket()) {
        probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException e) {
        Thread.onSpinWait();
      }
    }
    process.destroy();
    throw new RaceException("smtp-sink does not listen; it starts as root only");
  }

  @Override
  public String name() {
    return "direct";
  }

  @Override
  public String smtp() {
    return "127.0.0.1:" + port;
  }

  @Override
  public boolean starttls() {
    return false;
  }

  @Override
  public String pop3() {
    return null;
  }

  @Override
  public String pids() {
    return Long.toString(process.pid());
  }

  @Override
  public String login() {
    return "u%d";
  }

  @Override
  public void close() {
    process.destroy();
  }
}
