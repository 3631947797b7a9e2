package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DoctorCommandTest {
  @TempDir private Path folder;
  private final StringWriter output = new StringWriter();

  @Test
  void allIsWell() throws IOException {
    try (RealServer server = new RealServer(1, step -> {})) {
      assertThat(run(server.port(), "none")).isZero();
    }
    assertThat(output.toString())
        .contains("ok     settings: ")
        .contains("ok     Kafka: embedded; starts with 'postern run'")
        .contains("ok     route out, server: 127.0.0.1:")
        .contains("what passes: PIPELINING")
        .doesNotContain("WRONG");
  }

  @Test
  void aServerThatCannotBeReached() throws IOException {
    int nobody;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = probe.getLocalPort();
    }
    assertThat(run(nobody, "none")).isOne();
    assertThat(output.toString())
        .contains("WRONG  route out, server: 127.0.0.1:" + nobody + " cannot be reached: ")
        .contains("check upstream.host, port and tls");
  }

  @Test
  void aServerWithoutStarttls() throws IOException {
    try (RealServer server = new RealServer(1, step -> {})) {
      assertThat(run(server.port(), "starttls")).isOne();
    }
    assertThat(output.toString()).contains("offers no STARTTLS");
  }

  private int run(int port, String tls) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("postern.yaml"),
            """
            data: %s
            proxy:
              routes:
                - name: out
                  protocol: smtp
                  port: 0
                  mailbox: archive@postern.example
                  upstream: {host: 127.0.0.1, port: %d, tls: %s}
            """
                .formatted(folder.resolve("data"), port, tls));
    CommandLine postern = Postern.commandLine();
    postern.setOut(new PrintWriter(output, true));
    return postern.execute("doctor", "--config", config.toString());
  }
}
