package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SlowSendersTest {
  /** A refusal must show: senders that were turned away cost no memory. */
  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void a_sender_that_is_refused_says_what_it_was_told() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread refusing = new Thread(() -> refuse(server));
      refusing.start();
      SlowSender sender =
          new SlowSender(
              new SlowSender.Plan(
                  (InetSocketAddress) server.getLocalSocketAddress(),
                  TrustAnyone.sockets(),
                  "u0@peer.test",
                  1000,
                  1000),
              new CompletableFuture<>());
      sender.run();
      refusing.join();
      assertThat(sender.opened()).isDone();
      assertThat(sender.outcome().join()).isEqualTo("421 too many");
      assertThat(sender.sentBytes()).isZero();
    }
  }

  @Test
  void memory_is_read_of_a_process_that_lives() {
    ProcessMemory own = new ProcessMemory(Long.toString(ProcessHandle.current().pid()));
    assertThat(own.pssMb()).isBetween(1.0, own.rssMb());
    assertThat(own.heapMb()).isBetween(1.0, own.rssMb());
    assertThat(own.maxOpenFiles()).isPositive();
  }

  private static void refuse(ServerSocket server) {
    try (Socket client = server.accept()) {
      client.getOutputStream().write("421 too many\r\n".getBytes(US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
