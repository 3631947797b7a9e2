package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.KafkaForTests;
import io.postern.testkit.S3ForTests;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DoctorCommandTest {
  @RegisterExtension static final KafkaForTests kafka = new KafkaForTests();

  private static final String TLS =
      "tls: {certificate: FOLDER/certificate.pem, key: FOLDER/key.pem}\n";

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
    int nobody = nobodysPort();
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

  @Test
  void anExpiredCertificate() throws IOException {
    makeCertificate(InstantSource.fixed(Instant.parse("2001-01-01T00:00:00Z")));
    assertThat(doctor(TLS)).isOne();
    assertThat(output.toString())
        .contains("WRONG  certificate: " + folder.resolve("certificate.pem") + " has expired on 20")
        .contains("renew it");
  }

  @Test
  void theKeyOfAnotherCertificate() throws IOException {
    makeCertificate(InstantSource.system());
    Path ours = folder.resolve("ours.pem");
    Files.move(folder.resolve("certificate.pem"), ours);
    makeCertificate(InstantSource.system());
    Files.move(ours, folder.resolve("certificate.pem"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(doctor(TLS)).isOne();
    assertThat(output.toString())
        .contains("WRONG  certificate: ")
        .contains("key.pem is not the key of the certificate");
  }

  @Test
  void aCertificateThatIsNotThere() throws IOException {
    assertThat(doctor(TLS)).isOne();
    assertThat(output.toString())
        .contains("WRONG  certificate: cannot read " + folder.resolve("certificate.pem"))
        .contains("there is no such file");
  }

  @Test
  void aFileThatIsNoCertificate() throws IOException {
    makeCertificate(InstantSource.system());
    Files.writeString(folder.resolve("certificate.pem"), "nothing");
    assertThat(doctor(TLS)).isOne();
    assertThat(output.toString()).contains("holds no PEM certificate");
  }

  @Test
  void aServerWithAnotherCertificateThanWasPinned() throws Exception {
    makeCertificate(InstantSource.system());
    Vertx vertx = Vertx.vertx();
    try {
      NetServer server =
          vertx
              .createNetServer(
                  new NetServerOptions()
                      .setSsl(true)
                      .setKeyCertOptions(
                          new PemKeyCertOptions()
                              .setCertPath(folder.resolve("certificate.pem").toString())
                              .setKeyPath(folder.resolve("key.pem").toString())))
              .connectHandler(NetSocket::close)
              .listen(0, "127.0.0.1")
              .await();
      assertThat(run(server.actualPort(), "implicit, fingerprint: " + "ab".repeat(32))).isOne();
    } finally {
      vertx.close().await();
    }
    assertThat(output.toString())
        .contains("WRONG  route out, server: 127.0.0.1:")
        .contains("certificate")
        .contains("ca-file, fingerprint");
  }

  @Test
  void aClusterWithEverythingButAMailbox() throws Exception {
    try (S3ForTests s3 = S3ForTests.start(Files.createDirectory(folder.resolve("s3")));
        RealServer server = new RealServer(1, step -> {})) {
      String settings = cluster(s3) + route(server.port(), "none");
      assertThat(postern(settings, "setup")).isZero();
      assertThat(doctor(settings)).isOne();
      assertThat(output.toString())
          .contains("has all topics as they should be")
          .contains("ok     store: bucket doctors-own at " + s3.endpoint() + " answers")
          .contains("WRONG  route out, mailboxes: there is no mailbox nobody@postern.example\n")
          .contains("'postern mailbox create nobody@postern.example' makes it; until then")
          .containsOnlyOnce("WRONG");
    }
  }

  @Test
  void aClusterThatLacksATopicAndABucket() throws Exception {
    try (S3ForTests s3 = S3ForTests.start(Files.createDirectory(folder.resolve("s3")))) {
      assertThat(postern(cluster(s3), "setup")).isZero();
      try (Admin admin = Admin.create(kafka.clientProperties())) {
        admin.deleteTopics(List.of("postern.dead")).all().get();
      }
      assertThat(doctor(cluster(s3).replace("doctors-own", "nowhere"))).isOne();
      assertThat(output.toString())
          .contains("has no topic postern.dead\n       'postern setup' makes them")
          .contains("WRONG  store: " + s3.endpoint())
          .contains("'postern setup' makes the bucket");
      assertThat(postern(cluster(s3), "setup")).isZero();
    }
  }

  @Test
  void aClusterThatIsAway() throws Exception {
    int nobody = nobodysPort();
    assertThat(
            doctor(
                """
                kafka: {bootstrap-servers: "127.0.0.1:%1$d", client: {default.api.timeout.ms: 1000, request.timeout.ms: 500}}
                s3: {endpoint: "http://127.0.0.1:%1$d", bucket: b, access-key: a, secret-key: s}
                """
                    .formatted(nobody)))
        .isOne();
    assertThat(output.toString())
        .contains("WRONG  Kafka: 127.0.0.1:" + nobody)
        .contains("WRONG  store: http://127.0.0.1:" + nobody)
        .contains("check kafka.bootstrap-servers")
        .contains("check s3.endpoint");
  }

  private static int nobodysPort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private static String cluster(S3ForTests s3) {
    StringBuilder text = new StringBuilder("kafka:\n  partitions: 1\n  replication: 1\n");
    Map<String, Object> client = new TreeMap<>(kafka.clientProperties());
    text.append("  bootstrap-servers: \"").append(client.remove("bootstrap.servers"));
    text.append("\"\n  client:\n");
    client.forEach((name, value) -> text.append("    " + name + ": '" + value + "'\n"));
    return text.append(
            """
            s3: {endpoint: "%s", region: %s, bucket: doctors-own, access-key: %s, secret-key: %s}
            """
                .formatted(s3.endpoint(), s3.region(), s3.accessKey(), s3.secretKey()))
        .toString();
  }

  private void makeCertificate(InstantSource clock) throws IOException {
    TlsMaterial.makeSelfSigned(
        folder.resolve("certificate.pem"),
        folder.resolve("key.pem"),
        "localhost",
        new SecureRandom(),
        clock);
  }

  private int run(int port, String tls) throws IOException {
    return doctor(route(port, tls));
  }

  private static String route(int port, String tls) {
    return """
        proxy:
          routes:
            - name: out
              protocol: smtp
              port: 0
              mailbox: nobody@postern.example
              upstream: {host: 127.0.0.1, port: %d, tls: %s}
        """
        .formatted(port, tls);
  }

  private int doctor(String settings) throws IOException {
    return postern(settings, "doctor");
  }

  private int postern(String settings, String command) throws IOException {
    String text =
        "data: " + folder.resolve("data") + "\n" + settings.replace("FOLDER", folder.toString());
    Path config = Files.writeString(folder.resolve("postern.yaml"), text);
    CommandLine postern = Postern.commandLine();
    postern.setOut(new PrintWriter(output, true));
    return postern.execute(command, "--config", config.toString());
  }
}
